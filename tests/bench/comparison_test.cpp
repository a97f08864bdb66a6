#include "bench/comparison.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/comparison_table.h"
#include "core/error.h"
#include "solvers/default_solvers.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::refusal_of;

Comparison tiny_comparison() {
  Comparison comparison;
  comparison.instances = {"random:16x8:1", "random:4x200:2"};
  comparison.presets = {{"exhaustive", {}}, {"identity", {}}};
  comparison.time_limits_s = {5};  // neither takes any
  comparison.seeds = 2;
  comparison.threads = 1;
  return comparison;
}

/// Runs in this process.
void run_here(ComparisonRun& run, const Problem& problem) {
  SolveParameters parameters;
  parameters.seed = run.result.seed;
  parameters.threads = run.result.threads;
  run.result = find_solver(run.preset.solver).solve(problem, parameters);
}

std::vector<ComparisonRun> runs_of(const Comparison& comparison) {
  std::vector<ComparisonRun> runs;
  run_comparison(comparison, run_here, {{}, [&](const ComparisonRun& run) { runs.push_back(run); }});
  return runs;
}

std::string name_of(const ComparisonRun& run) {
  return run.instance + " " + run.preset.label() + " " +
         (run.refusal.empty() ? std::to_string(run.result.seed) : "refused");
}

std::vector<std::string> names_of(const std::vector<ComparisonRun>& runs) {
  std::vector<std::string> names;
  for (const ComparisonRun& run : runs) names.push_back(name_of(run));
  return names;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

TEST(RunComparison, RunsEveryPresetOnEveryInstanceWithEverySeed) {
  EXPECT_EQ(names_of(runs_of(tiny_comparison())),
            (std::vector<std::string>{"random:16x8:1 exhaustive 0", "random:16x8:1 exhaustive 1",
                                      "random:16x8:1 identity 0", "random:16x8:1 identity 1",
                                      "random:4x200:2 exhaustive refused", "random:4x200:2 identity 0",
                                      "random:4x200:2 identity 1"}));
}

TEST(RunComparison, RunsEveryBudget) {
  Comparison comparison = tiny_comparison();
  comparison.instances = {"random:16x8:1"};
  comparison.presets = {{"identity", {}}};
  comparison.time_limits_s = {1, 2};
  comparison.seeds = 1;
  const auto runs = runs_of(comparison);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].time_limit_s, 1);
  EXPECT_EQ(runs[1].time_limit_s, 2);
  comparison.time_limits_s.clear();
  comparison.iteration_limit = 7;
  const auto counted = runs_of(comparison);
  ASSERT_EQ(counted.size(), 1u);
  EXPECT_EQ(counted[0].time_limit_s, std::nullopt);
  EXPECT_EQ(counted[0].iteration_limit, 7);
}

TEST(RunComparison, NotesWhatWasRun) {
  Comparison comparison = tiny_comparison();
  comparison.pattern = {1, 4};
  const auto runs = runs_of(comparison);
  ASSERT_EQ(runs.size(), 7u);
  for (const ComparisonRun& run : runs) {
    EXPECT_EQ(run.pattern, (Pattern{1, 4}));
    EXPECT_EQ(run.time_limit_s, 5);
    EXPECT_EQ(run.sha256.size(), 64u);
    EXPECT_THAT(run.date, ::testing::MatchesRegex("20..-..-..T..:..:..Z"));
    EXPECT_EQ(run.machine.processors, this_machine().processors);
    EXPECT_THAT(run.program, ::testing::StartsWith("nmperm "));
  }
  EXPECT_EQ(runs[0].rows, 16);
  EXPECT_EQ(runs[0].columns, 8);
  EXPECT_EQ(runs[0].segments, std::vector<int>{8});
  EXPECT_EQ(runs[0].result.status, Status::kOptimal);
  EXPECT_EQ(runs[0].result.threads, 1);
  EXPECT_EQ(runs[4].rows, 4);
  EXPECT_EQ(runs[4].columns, 200);
  EXPECT_THAT(runs[4].refusal, HasSubstr("200 columns"));
}

TEST(RunComparison, RefusesAWrongNameBeforeAnythingRuns) {
  Comparison comparison = tiny_comparison();
  comparison.instances.emplace_back("random:8by8:1");
  int runs = 0;
  const ComparisonObserver count{{}, [&](const ComparisonRun&) { ++runs; }};
  EXPECT_THAT(refusal_of([&] { run_comparison(comparison, run_here, count); }), HasSubstr("8by8"));
  EXPECT_EQ(runs, 0);
}

TEST(RunComparison, RefusesAnInstanceThatCannotBeRead) {
  Comparison comparison = tiny_comparison();
  comparison.instances = {"no-such-file.npy"};
  EXPECT_THAT(refusal_of([&] { run_comparison(comparison, run_here, {}); }), HasSubstr("no-such-file.npy"));
}

TEST(RunComparison, KeepsOnlyCompleteRunsWhenInterrupted) {
  Comparison comparison = tiny_comparison();
  std::atomic<bool> interrupt = false;
  comparison.interrupt = &interrupt;
  int begun = 0, done = 0;
  const Runner runner = [&](ComparisonRun& run, const Problem& problem) {
    run_here(run, problem);
    interrupt = ++begun == 3;
  };
  run_comparison(comparison, runner, {{}, [&](const ComparisonRun&) { ++done; }});
  EXPECT_EQ(begun, 3);
  EXPECT_EQ(done, 2) << "the third was cut short";
}

TEST(RunComparison, LeavesOutWhatTheCallerSkips) {
  std::vector<ComparisonRun> runs;
  ComparisonObserver observer;
  observer.skip = [](const ComparisonRun& planned) {
    return planned.preset.solver == "identity" || !planned.refusal.empty();
  };
  observer.done = [&](const ComparisonRun& run) { runs.push_back(run); };
  run_comparison(tiny_comparison(), run_here, observer);
  EXPECT_EQ(names_of(runs),
            (std::vector<std::string>{"random:16x8:1 exhaustive 0", "random:16x8:1 exhaustive 1"}));
}

TEST(SameCell, ComparesEverythingThatWasAskedFor) {
  const ComparisonRun run = runs_of(tiny_comparison()).front();
  EXPECT_TRUE(same_cell(run, run));
  const auto differs = [&](const std::function<void(ComparisonRun&)>& change) {
    ComparisonRun other = run;
    change(other);
    return !same_cell(run, other);
  };
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.instance = "another"; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.sha256[0] ^= 1; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.pattern = {1, 4}; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.segments = {4, 4}; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.preset.options["a"] = "b"; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.time_limit_s = 6; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.iteration_limit = 6; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.result.seed = 6; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.result.threads = 6; }));
  EXPECT_TRUE(differs([](ComparisonRun& other) { other.program = "nmperm 9"; }));
  EXPECT_FALSE(differs([](ComparisonRun& other) { other.result.seconds = 6; }));
}

TEST(ComparisonRun, EfficacyAtFollowsTheTrace) {
  ComparisonRun run;
  run.result.magnitude.total = 20;
  run.result.magnitude.default_kept = 10;
  run.result.magnitude.row_bound = 18;
  run.result.magnitude.kept = 16;
  run.result.trace = {{0, 10, {}, "a"}, {0.5, 14, {}, "a"}, {2, 16, {}, "b"}};
  EXPECT_EQ(run.efficacy_at(0), 0);
  EXPECT_EQ(run.efficacy_at(0.4), 0);
  EXPECT_EQ(run.efficacy_at(0.5), 50);
  EXPECT_EQ(run.efficacy_at(1.9), 50);
  EXPECT_EQ(run.efficacy_at(2), 75);
  EXPECT_EQ(run.efficacy_at(100), 75);
  run.result.magnitude.row_bound = 10;
  EXPECT_EQ(run.efficacy_at(1), std::nullopt);
}

TEST(ComparisonTable, HasARowForEachInstanceAndSolver) {
  const auto lines = lines_of(comparison_table(runs_of(tiny_comparison())));
  ASSERT_EQ(lines.size(), 5u);
  for (const char* head : {"0.01 s", "0.1 s", "1 s", "end", "seeds", "optimal"}) {
    EXPECT_THAT(lines[0], HasSubstr(head));
  }
  EXPECT_THAT(lines[0], ::testing::Not(HasSubstr("10 s")));
  EXPECT_THAT(lines[1], ::testing::ContainsRegex("random:16x8:1 +exhaustive .* 2 +2$"));
  EXPECT_THAT(lines[2], ::testing::ContainsRegex("random:16x8:1 +identity .* 0\\.000 +2 +0$"));
  EXPECT_THAT(lines[3], ::testing::ContainsRegex("random:4x200:2 +exhaustive +refused: .*200 columns"));
  EXPECT_THAT(lines[4], ::testing::ContainsRegex("random:4x200:2 +identity "));
}

TEST(ComparisonTable, GivesMeanAndSpreadOverSeeds) {
  std::vector<ComparisonRun> runs(2);
  for (std::size_t k = 0; k < 2; ++k) {
    runs[k].instance = "instance";
    runs[k].preset.solver = "solver";
    runs[k].time_limit_s = 0.05;
    runs[k].result.magnitude.default_kept = 10;
    runs[k].result.magnitude.row_bound = 20;
    runs[k].result.magnitude.kept = k == 0 ? 14 : 18;
    runs[k].result.trace = {{0, 10, {}, "a"}, {0.001, 12, {}, "a"}, {0.02, k == 0 ? 14.0 : 18.0, {}, "a"}};
  }
  const auto lines = lines_of(comparison_table(runs));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1],
              ::testing::ContainsRegex("instance +solver +20\\.000 +60\\.000 +40\\.000 +80\\.000 +2 +0$"));
}

TEST(ComparisonTable, SaysHowARunFailed) {
  std::vector<ComparisonRun> runs(1);
  runs[0].instance = "instance";
  runs[0].preset.solver = "solver";
  runs[0].time_limit_s = 0.05;
  runs[0].failure = "ended by signal 9 (Killed)";
  EXPECT_THAT(comparison_table(runs), HasSubstr("seed 0 failed: ended by signal 9 (Killed)"));
}

TEST(ComparisonTable, OfNoRunsIsEmpty) {
  EXPECT_EQ(comparison_table({}), "");
}

}  // namespace
}  // namespace nmperm
