#include "heuristics/annealing.h"

#include <gtest/gtest.h>

#include "instances/load.h"
#include "tests/heuristics/solver_cases.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using testing::random_scores;
using testing::Scores;

Result solve(const Problem& problem, std::int64_t iterations, std::uint64_t seed = 0,
             const OptionValues& options = {}) {
  SolveParameters parameters;
  parameters.limits.iterations = iterations;
  parameters.seed = seed;
  parameters.options = options;
  parameters.threads = 2;
  return AnnealingSolver().solve(problem, parameters);
}

TEST(Annealing, FindsTheOptimumOfTinyInstances) {
  for (const Scores kind : {Scores::kUniform, Scores::kTies, Scores::kDeadColumns, Scores::kDominating,
                            Scores::kHeavyTail, Scores::kMostlyZero, Scores::kHuge, Scores::kTiny}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const Problem problem(random_scores(kind, 20, 8, seed), {2, 4});
      const double best = testing::best_kept(problem.scores(), {2, 4}, identity_permutation(8));
      EXPECT_NEAR(solve(problem, 20000, seed).magnitude.kept / best, 1, 1e-7)
          << testing::name_of(kind) << " " << seed;
    }
  }
}

TEST(Annealing, FindsTheOptimumOfOtherPatterns) {
  struct Case {
    Pattern pattern;
    int columns;
  };
  for (const Case& c : {Case{{1, 2}, 8}, {{1, 4}, 12}, {{3, 4}, 12}, {{2, 3}, 9}, {{4, 8}, 16}}) {
    const Problem problem(random_scores(Scores::kUniform, 24, c.columns, 3), c.pattern);
    const double best = testing::best_kept(problem.scores(), c.pattern, identity_permutation(c.columns));
    EXPECT_NEAR(solve(problem, 60000).magnitude.kept / best, 1, 1e-7) << c.pattern.str();
  }
}

TEST(Annealing, FindsTheOptimumInEverySegment) {
  const Problem problem(random_scores(Scores::kUniform, 24, 20, 3), {2, 4}, Segments({8, 12}));
  const double best =
      testing::best_kept(problem.scores(), {2, 4}, {0, 1, 2, 3, 4, 5, 6, 7}) +
      testing::best_kept(problem.scores(), {2, 4}, {8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
  EXPECT_NEAR(solve(problem, 80000).magnitude.kept, best, 1e-6);
}

TEST(Annealing, FindsTheOptimumOfPublishedSmallInstances) {
  for (int seed = 0; seed < 5; ++seed) {
    const Problem problem(load_instance("random:32x16:" + std::to_string(seed)).scores, {2, 4});
    const double best = testing::best_kept(problem.scores(), {2, 4}, identity_permutation(16));
    EXPECT_NEAR(solve(problem, 400000).magnitude.kept, best, 1e-6) << seed;
  }
}

TEST(Annealing, ComesNearTheOptimumOfThePublishedInstance) {
  const Problem problem(load_instance("random:128x64:1").scores, {2, 4});
  EXPECT_GE(solve(problem, 4000000).magnitude.kept, 2924.5);  // the optimum is 2926.952
}

TEST(Annealing, ItsOptionsHaveAnEffect) {
  const Problem problem(random_scores(Scores::kUniform, 64, 48, 1), {2, 4});
  const Permutation standard = solve(problem, 20000).permutation;
  EXPECT_EQ(solve(problem, 20000).permutation, standard);
  EXPECT_NE(solve(problem, 20000, 1).permutation, standard);
  EXPECT_NE(solve(problem, 20000, 0, {{"workers", "1"}}).permutation, standard);
  EXPECT_NE(solve(problem, 20000, 0, {{"initial-acceptance", "0.2"}}).permutation, standard);
  EXPECT_NE(solve(problem, 20000, 0, {{"final-acceptance", "1e-6"}}).permutation, standard);
}

TEST(Annealing, WorksByTheClockToo) {
  const Problem problem(random_scores(Scores::kUniform, 20, 8, 1), {2, 4});
  SolveParameters parameters;
  parameters.limits.time_s = 0.05;
  parameters.threads = 2;
  const Result result = AnnealingSolver().solve(problem, parameters);
  testing::expect_valid(problem, result);
  EXPECT_NEAR(result.magnitude.kept, testing::best_kept(problem.scores(), {2, 4}, identity_permutation(8)),
              1e-6);
}

}  // namespace
}  // namespace nmperm
