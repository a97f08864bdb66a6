#include "heuristics/entropic_dive.h"

#include <atomic>

#include <gtest/gtest.h>

#include "heuristics/assignment.h"
#include "instances/load.h"
#include "tests/heuristics/solver_cases.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using testing::random_scores;
using testing::Scores;

Result solve(const Problem& problem, std::int64_t dives, std::uint64_t seed = 0, int threads = 1,
             const OptionValues& options = {}) {
  SolveParameters parameters;
  parameters.limits.iterations = dives;
  parameters.seed = seed;
  parameters.options = options;
  parameters.threads = threads;
  return EntropicDiveSolver().solve(problem, parameters);
}

TEST(EntropicDive, FindsTheOptimumOfMostSmallInstances) {
  constexpr int kInstances = 25;
  int optimal = 0;
  for (int seed = 0; seed < kInstances; ++seed) {
    const Problem problem(load_instance("random:32x16:" + std::to_string(seed)).scores, {2, 4});
    const double best = testing::best_kept(problem.scores(), {2, 4}, identity_permutation(16));
    const Result result = solve(problem, 40);
    testing::expect_valid(problem, result);
    EXPECT_LE(result.magnitude.kept, best + 1e-6);
    optimal += result.magnitude.kept >= best - 1e-6;
  }
  EXPECT_GE(optimal, 22);
}

TEST(EntropicDive, FindsTheOptimumOfOtherPatternsAndOfHardInputs) {
  struct Case {
    Pattern pattern;
    int columns;
    Scores kind;
  };
  for (const Case& c : {Case{{1, 2}, 8, Scores::kUniform},
                        {{1, 4}, 12, Scores::kUniform},
                        {{3, 4}, 12, Scores::kUniform},
                        {{2, 3}, 9, Scores::kUniform},
                        {{4, 8}, 16, Scores::kUniform},
                        {{2, 4}, 12, Scores::kTies},
                        {{2, 4}, 12, Scores::kDeadColumns},
                        {{2, 4}, 12, Scores::kEqualColumns},
                        {{2, 4}, 12, Scores::kDominating},
                        {{2, 4}, 12, Scores::kHuge},
                        {{2, 4}, 12, Scores::kTiny}}) {
    SCOPED_TRACE(c.pattern.str() + " " + testing::name_of(c.kind));
    const Problem problem(random_scores(c.kind, 24, c.columns, 3), c.pattern);
    const Result result = solve(problem, 60);
    testing::expect_valid(problem, result);
    const double best = testing::best_kept(problem.scores(), c.pattern, identity_permutation(c.columns));
    EXPECT_NEAR(result.magnitude.kept / best, 1, 1e-7);
  }
}

TEST(EntropicDive, FindsTheOptimumInEverySegment) {
  const Problem problem(random_scores(Scores::kUniform, 24, 20, 3), {2, 4}, Segments({8, 12}));
  const double best =
      testing::best_kept(problem.scores(), {2, 4}, {0, 1, 2, 3, 4, 5, 6, 7}) +
      testing::best_kept(problem.scores(), {2, 4}, {8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
  EXPECT_NEAR(solve(problem, 40).magnitude.kept, best, 1e-6);
}

TEST(EntropicDive, ComesNearTheOptimumOfThePublishedInstance) {
  const Problem problem(load_instance("random:128x64:1").scores, {2, 4});
  EXPECT_GE(solve(problem, 20).magnitude.kept, 2925.5);  // the optimum is 2926.952
}

TEST(EntropicDive, IsFarAboveALocalOptimumOfAssignments) {
  const Problem problem(load_instance("random:96x128:3").scores, {2, 4});
  SolveParameters parameters;
  parameters.limits.iterations = 2000;
  parameters.threads = 1;
  const Magnitude assignment = AssignmentSolver().solve(problem, parameters).magnitude;
  EXPECT_GE(*solve(problem, 2).magnitude.efficacy(), *assignment.efficacy() + 1.5);
}

TEST(EntropicDive, SettlesPricesOfWideGroupsToo) {
  for (const char* const name : {"random:64x128:2", "random:64x128:4"}) {
    const Problem problem(load_instance(name).scores, {4, 8});
    SolveParameters parameters;
    parameters.limits.iterations = 500;
    parameters.threads = 1;
    const Magnitude assignment = AssignmentSolver().solve(problem, parameters).magnitude;
    EXPECT_GE(*solve(problem, 1).magnitude.efficacy(), *assignment.efficacy() + 5) << name;
  }
}

TEST(EntropicDive, GivesTheSameAnswerForAnyNumberOfThreads) {
  for (const Scores kind : {Scores::kUniform, Scores::kTies, Scores::kDeadColumns}) {
    const Problem problem(random_scores(kind, 40, 192, 7), {2, 4}, Segments({160, 32}));
    const Permutation one = solve(problem, 3, 5).permutation;
    EXPECT_EQ(solve(problem, 3, 5, 2).permutation, one) << testing::name_of(kind);
    EXPECT_EQ(solve(problem, 3, 5, 8).permutation, one) << testing::name_of(kind);
  }
}

TEST(EntropicDive, GivesTheSameAnswerForAnyNumberOfThreadsWherePairsEstimate) {
  const OptionValues quick{{"initial-temperature", "0.04"}, {"fix-fraction", "0.1"}};
  const Problem problem(load_instance("random:1536x1024:5").scores, {2, 4});
  const Result one = solve(problem, 1, 2, 1, quick), three = solve(problem, 1, 2, 3, quick);
  testing::expect_valid(problem, one);
  EXPECT_EQ(one.permutation, three.permutation);
  EXPECT_GT(*one.magnitude.efficacy(), 15.5);
}

TEST(EntropicDive, MoreDivesAreNoWorse) {
  const Problem problem(random_scores(Scores::kHeavyTail, 48, 96, 2), {2, 4});
  double last = problem.magnitude().default_kept;
  for (const std::int64_t dives : {0, 1, 4, 12}) {
    const double kept = solve(problem, dives).magnitude.kept;
    EXPECT_GE(kept, last) << dives;
    last = kept;
  }
  EXPECT_GT(last, problem.magnitude().default_kept);
}

TEST(EntropicDive, DivesThroughBlocksWhereMemoryIsShort) {
  // 1 MB holds the rows of twice as many groups as a block of 180 columns has columns, not of one of 256.
  const Problem problem(random_scores(Scores::kUniform, 64, 256, 2), {2, 4});
  const Result small = solve(problem, 1, 0, 2, {{"cache-megabytes", "1"}});
  const Result large = solve(problem, 1, 0, 2);
  testing::expect_valid(problem, small);
  EXPECT_NE(small.permutation, large.permutation);
  EXPECT_GT(*small.magnitude.efficacy(), *large.magnitude.efficacy() - 8);
}

TEST(EntropicDive, ItsOptionsHaveAnEffect) {
  const Problem problem(random_scores(Scores::kUniform, 64, 96, 1), {2, 4});
  const Permutation standard = solve(problem, 2).permutation;
  EXPECT_EQ(solve(problem, 2).permutation, standard);
  EXPECT_NE(solve(problem, 2, 1).permutation, standard);
  EXPECT_NE(solve(problem, 1, 0, 1, {{"initial-temperature", "0.3"}}).permutation,
            solve(problem, 1).permutation);
  EXPECT_NE(solve(problem, 2, 0, 1, {{"final-temperature", "0.05"}}).permutation, standard);
  EXPECT_NE(solve(problem, 2, 0, 1, {{"fix-fraction", "0.5"}}).permutation, standard);
}

TEST(EntropicDive, StopsInTheMiddle) {
  const Problem problem(random_scores(Scores::kUniform, 64, 256, 1), {2, 4});
  std::atomic<bool> interrupt = false;
  SolveParameters parameters;
  parameters.threads = 2;
  parameters.interrupt = &interrupt;
  int improvements = 0;
  parameters.observer = [&](const TracePoint&) { interrupt = ++improvements == 12; };
  const Result result = EntropicDiveSolver().solve(problem, parameters);
  testing::expect_valid(problem, result);
  EXPECT_GT(result.magnitude.kept, problem.magnitude().default_kept);
}

TEST(EntropicDive, WorksByTheClockToo) {
  for (const double seconds : {0.02, 0.2}) {
    const Problem problem(random_scores(Scores::kUniform, 20, 8, 1), {2, 4});
    SolveParameters parameters;
    parameters.limits.time_s = seconds;
    parameters.threads = 2;
    const Result result = EntropicDiveSolver().solve(problem, parameters);
    testing::expect_valid(problem, result);
    EXPECT_GE(result.magnitude.kept, problem.magnitude().default_kept);
  }
  // Too little time for all columns at once.
  const Problem large(random_scores(Scores::kUniform, 256, 1024, 1), {2, 4}, Segments({768, 256}));
  SolveParameters parameters;
  parameters.limits.time_s = 0.3;
  parameters.threads = 2;
  const Result result = EntropicDiveSolver().solve(large, parameters);
  testing::expect_valid(large, result);
  EXPECT_GT(result.magnitude.kept, large.magnitude().default_kept);
}

}  // namespace
}  // namespace nmperm
