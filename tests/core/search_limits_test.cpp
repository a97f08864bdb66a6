#include <algorithm>
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/search.h"
#include "tests/support/refusal.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::refusal_of;
using testing::Scores;

Problem uniform_problem() {
  return Problem(testing::random_scores(Scores::kUniform, 64, 16, 1));
}

Search search_of(const Problem& problem, const SolveParameters& parameters) {
  return Search(problem, parameters, "tester", Options("tester", {}, {}));
}

TEST(SearchLimits, RefuseWhatIsNoLimit) {
  const Problem problem = uniform_problem();
  const auto refused = [&](auto change) {
    SolveParameters parameters;
    change(parameters);
    return refusal_of([&] { search_of(problem, parameters); });
  };
  EXPECT_THAT(refused([](auto& p) { p.limits.time_s = -1; }), HasSubstr("time limit"));
  EXPECT_THAT(refused([](auto& p) { p.limits.time_s = std::nan(""); }), HasSubstr("time limit"));
  EXPECT_THAT(refused([](auto& p) { p.limits.iterations = -1; }), HasSubstr("iteration limit"));
  EXPECT_THAT(refused([](auto& p) { p.limits.gap = -0.1; }), HasSubstr("gap limit"));
  EXPECT_THAT(refused([](auto& p) { p.limits.gap = std::nan(""); }), HasSubstr("gap limit"));
  EXPECT_THAT(refused([](auto& p) { p.threads = -1; }), HasSubstr("threads"));
}

TEST(SearchLimits, NoTimeLeftStops) {
  const Problem problem = uniform_problem();
  SolveParameters parameters;
  parameters.limits.time_s = 0;
  const Search search = search_of(problem, parameters);
  EXPECT_TRUE(search.should_stop());
  EXPECT_LE(search.remaining_s(), 0);
  EXPECT_EQ(search.result().status, Status::kTimeLimit);
}

TEST(SearchLimits, TimeRunsOut) {
  const Problem problem = uniform_problem();
  SolveParameters parameters;
  parameters.limits.time_s = 0.02;
  const Search search = search_of(problem, parameters);
  EXPECT_LE(search.remaining_s(), 0.02);
  while (!search.should_stop()) std::this_thread::yield();
  EXPECT_GE(search.elapsed_s(), 0.02);
  EXPECT_EQ(search.result().status, Status::kTimeLimit);
  EXPECT_GE(search.result().seconds, 0.02);
}

TEST(SearchLimits, LongTimesDoNotOverflow) {
  const Problem problem = uniform_problem();
  for (const double time_s : {1e8, 1e12, 1e300}) {
    SolveParameters parameters;
    parameters.limits.time_s = time_s;
    const Search search = search_of(problem, parameters);
    EXPECT_FALSE(search.should_stop()) << time_s;
    EXPECT_GT(search.remaining_s(), 0.99e8) << time_s;
  }
}

TEST(SearchLimits, TheCallerInterrupts) {
  const Problem problem = uniform_problem();
  std::atomic<bool> interrupt = false;
  SolveParameters parameters;
  parameters.interrupt = &interrupt;
  const Search search = search_of(problem, parameters);
  EXPECT_FALSE(search.should_stop());
  EXPECT_EQ(search.result().status, Status::kFeasible);
  interrupt = true;
  EXPECT_TRUE(search.should_stop());
  EXPECT_EQ(search.result().status, Status::kInterrupted);
}

TEST(SearchLimits, AClosedGapStops) {
  const Problem problem = uniform_problem();
  const double kept = problem.magnitude().kept, pruned = problem.magnitude().pruned();
  SolveParameters parameters;
  parameters.limits.gap = 0.2;
  Search search = search_of(problem, parameters);
  search.report_bound(kept + 0.25 * pruned, "tester-bound");
  EXPECT_FALSE(search.should_stop());
  search.report_bound(kept + 0.19 * pruned, "tester-bound");
  EXPECT_TRUE(search.should_stop());
  EXPECT_NEAR(*search.result().gap, 0.19, 1e-9);
  EXPECT_EQ(search.result().status, Status::kFeasible);
}

TEST(SearchLimits, AnImprovementClosesTheGapToo) {
  const Problem problem = uniform_problem();
  const double kept = problem.magnitude().kept, pruned = problem.magnitude().pruned();
  SolveParameters parameters;
  parameters.limits.gap = 0.2;
  Search search = search_of(problem, parameters);
  search.report_bound(kept + 0.25 * pruned, "tester-bound");
  search.report(identity_permutation(16), kept + 0.1 * pruned);
  EXPECT_TRUE(search.should_stop());
}

TEST(Status, HasTheNamesOfTheFile) {
  EXPECT_STREQ(to_string(Status::kOptimal), "optimal");
  EXPECT_STREQ(to_string(Status::kFeasible), "feasible");
  EXPECT_STREQ(to_string(Status::kTimeLimit), "time_limit");
  EXPECT_STREQ(to_string(Status::kInterrupted), "interrupted");
}

TEST(SearchStage, SharesWhatIsFoundAndHasASourceOfItsOwn) {
  const Problem problem = uniform_problem();
  const double kept = problem.magnitude().kept;
  SolveParameters parameters;
  parameters.seed = 5;
  parameters.threads = 3;
  Search search = search_of(problem, parameters);
  const std::vector<OptionRecord> records = {OptionRecord::integer("rounds", "", 7, 0, 9)};
  Limits limits;
  limits.iterations = 11;
  Search stage = search.stage("first", Options("first", records, {}), limits, 6);
  EXPECT_FALSE(stage.has_start());
  EXPECT_EQ(stage.seed(), 6u);
  EXPECT_EQ(stage.threads(), 3);
  EXPECT_EQ(stage.limits().iterations, 11);
  EXPECT_EQ(stage.options().integer("rounds"), 7);

  const Permutation found = {1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  stage.report(found, kept + 1);
  stage.report_bound(problem.magnitude().row_bound, "tester-bound");
  EXPECT_EQ(search.incumbent(), found);
  EXPECT_EQ(search.incumbent_kept(), kept + 1);
  EXPECT_EQ(search.bound_kept(), problem.magnitude().row_bound);

  const Search second = search.stage("second", Options("second", {}, {}), {}, 0);
  EXPECT_TRUE(second.has_start());
  EXPECT_EQ(second.start(), found);

  const Result result = search.result();
  EXPECT_EQ(result.solver, "tester");
  EXPECT_EQ(result.seed, 5u);
  EXPECT_EQ(result.options, OptionValues{});
  ASSERT_EQ(result.trace.size(), 3u);
  EXPECT_EQ(result.trace[0].source, "tester");
  EXPECT_EQ(result.trace[1].source, "first");
}

TEST(SearchStage, TimeCountsFromItsBeginningWithinTheWhole) {
  const Problem problem = uniform_problem();
  SolveParameters parameters;
  parameters.limits.time_s = 1000;
  const Search search = search_of(problem, parameters);
  Limits none, little, much;
  little.time_s = 0;
  much.time_s = 1e6;
  const Options options("tester", {}, {});
  EXPECT_TRUE(search.stage("little", options, little, 0).should_stop());
  EXPECT_FALSE(search.should_stop());
  EXPECT_LE(search.stage("much", options, much, 0).remaining_s(), 1000);
  EXPECT_LE(search.stage("none", options, none, 0).remaining_s(), 1000);
  // A stage that ran out of its own time is no time limit of the search.
  EXPECT_EQ(search.stage("little", options, little, 0).result().status, Status::kFeasible);
}

TEST(SearchStage, StopsWithTheWhole) {
  const Problem problem = uniform_problem();
  std::atomic<bool> interrupt = false;
  SolveParameters parameters;
  parameters.interrupt = &interrupt;
  Search search = search_of(problem, parameters);
  const Search stage = search.stage("stage", Options("stage", {}, {}), {}, 0);
  EXPECT_FALSE(stage.should_stop());
  interrupt = true;
  EXPECT_TRUE(stage.should_stop());
  interrupt = false;
  search.report_optimal("tester");
  EXPECT_TRUE(stage.should_stop());
}

TEST(SearchObserver, SeesEveryImprovementInOrder) {
  const Problem problem = uniform_problem();
  std::vector<TracePoint> seen;
  std::atomic<int> inside = 0;
  std::atomic<bool> together = false;
  SolveParameters parameters;
  parameters.observer = [&](const TracePoint& point) {
    if (++inside != 1) together = true;
    seen.push_back(point);
    --inside;
  };
  Search search = search_of(problem, parameters);
  const double kept = problem.magnitude().kept, row_bound = problem.magnitude().row_bound;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Rng rng(t);
      for (int k = 0; k < 300; ++k) {
        search.report(identity_permutation(16), kept + rng.uniform());
        search.report_bound(row_bound + rng.uniform(), "tester-bound");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(together);
  const Result result = search.result();
  EXPECT_GT(seen.size(), 3u);
  // The trace leaves out tiny steps of the bound, and no more.
  EXPECT_GE(result.trace.size(), 3u);
  auto point = seen.begin();
  for (const TracePoint& traced : result.trace) {
    point = std::find_if(point, seen.end(), [&](const TracePoint& p) {
      return p.seconds == traced.seconds && p.kept == traced.kept && p.bound == traced.bound;
    });
    EXPECT_TRUE(point != seen.end()) << "traced, but not observed, or in another order";
  }
  EXPECT_EQ(result.trace.back().kept, seen.back().kept);
  EXPECT_EQ(result.trace.back().bound, seen.back().bound);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    EXPECT_GE(seen[i].seconds, seen[i - 1].seconds);
    EXPECT_GE(seen[i].kept, seen[i - 1].kept);
    if (seen[i - 1].bound) {
      EXPECT_LE(*seen[i].bound, *seen[i - 1].bound);
    }
    const bool news = seen[i].kept > seen[i - 1].kept || seen[i].bound != seen[i - 1].bound;
    EXPECT_TRUE(news) << "point " << i;
  }
}

}  // namespace
}  // namespace nmperm
