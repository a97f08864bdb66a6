#include "bench/comparison.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::refusal_of;

Comparison tiny_comparison() {
  Comparison comparison;
  comparison.instances = {"random:16x8:1", "random:4x200:2"};
  comparison.solvers = {"exhaustive", "identity"};
  comparison.time_limit_s = 5;  // neither takes any
  comparison.seeds = 2;
  comparison.threads = 1;
  return comparison;
}

std::vector<ComparisonRun> tiny_runs() {
  return run_comparison(tiny_comparison(), [](const ComparisonRun&) {});
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

TEST(RunComparison, RunsEverySolverOnEveryInstanceWithEverySeed) {
  std::vector<std::string> heard;
  const auto name = [](const ComparisonRun& run) {
    return run.instance + " " + run.solver + " " +
           (run.refusal.empty() ? std::to_string(run.result.seed) : "refused");
  };
  const auto runs =
      run_comparison(tiny_comparison(), [&](const ComparisonRun& run) { heard.push_back(name(run)); });
  std::vector<std::string> returned;
  for (const ComparisonRun& run : runs) returned.push_back(name(run));
  EXPECT_EQ(returned, (std::vector<std::string>{"random:16x8:1 exhaustive 0", "random:16x8:1 exhaustive 1",
                                                "random:16x8:1 identity 0", "random:16x8:1 identity 1",
                                                "random:4x200:2 exhaustive refused",
                                                "random:4x200:2 identity 0", "random:4x200:2 identity 1"}));
  EXPECT_EQ(heard, returned);
}

TEST(RunComparison, NotesWhatWasRun) {
  Comparison comparison = tiny_comparison();
  comparison.pattern = {1, 4};
  const auto runs = run_comparison(comparison, [](const ComparisonRun&) {});
  ASSERT_EQ(runs.size(), 7u);
  for (const ComparisonRun& run : runs) {
    EXPECT_EQ(run.pattern, (Pattern{1, 4}));
    EXPECT_EQ(run.time_limit_s, 5);
  }
  EXPECT_EQ(runs[0].rows, 16);
  EXPECT_EQ(runs[0].columns, 8);
  EXPECT_EQ(runs[0].result.status, Status::kOptimal);
  EXPECT_EQ(runs[0].result.threads, 1);
  EXPECT_EQ(runs[4].rows, 4);
  EXPECT_EQ(runs[4].columns, 200);
  EXPECT_THAT(runs[4].refusal, HasSubstr("200 columns"));
}

TEST(RunComparison, RefusesAnUnknownSolverBeforeAnythingRuns) {
  Comparison comparison = tiny_comparison();
  comparison.solvers.emplace_back("strip-groups");
  int runs = 0;
  EXPECT_THAT(refusal_of([&] { run_comparison(comparison, [&](const ComparisonRun&) { ++runs; }); }),
              HasSubstr("strip-groups"));
  EXPECT_EQ(runs, 0);
}

TEST(RunComparison, RefusesAnInstanceThatCannotBeRead) {
  Comparison comparison = tiny_comparison();
  comparison.instances = {"no-such-file.npy"};
  EXPECT_THAT(refusal_of([&] { run_comparison(comparison, [](const ComparisonRun&) {}); }),
              HasSubstr("no-such-file.npy"));
}

TEST(RunComparison, KeepsOnlyCompleteRunsWhenInterrupted) {
  Comparison comparison = tiny_comparison();
  std::atomic<bool> interrupt = false;
  comparison.interrupt = &interrupt;
  int heard = 0;
  const auto runs = run_comparison(comparison, [&](const ComparisonRun&) { interrupt = ++heard == 3; });
  EXPECT_EQ(heard, 3);
  EXPECT_EQ(runs.size(), 3u);
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
  const auto lines = lines_of(comparison_table(tiny_runs()));
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
    runs[k].solver = "solver";
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

TEST(ComparisonTable, OfNoRunsIsEmpty) {
  EXPECT_EQ(comparison_table({}), "");
}

}  // namespace
}  // namespace nmperm
