#include "heuristics/random.h"

#include <gtest/gtest.h>

#include "heuristics/identity.h"
#include "heuristics/kept.h"
#include "tests/heuristics/solver_cases.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using testing::random_scores;
using testing::Scores;

TEST(Random, IsTheBestOfItsSamples) {
  const Problem problem(random_scores(Scores::kUniform, 40, 24, 1), {2, 4}, Segments({16, 8}));
  SolveParameters parameters;
  parameters.seed = 7;
  parameters.options = {{"samples", "50"}};
  double best = problem.magnitude().default_kept;
  for (std::uint64_t k = 0; k < 50; ++k) {
    best = std::max(best, problem.evaluate(random_permutation(problem.segments(), Rng(7, k))).kept);
  }
  EXPECT_GT(best, problem.magnitude().default_kept);
  EXPECT_NEAR(RandomSolver().solve(problem, parameters).magnitude.kept, best, 1e-6 * best);
}

TEST(Random, EndsAtTheIterationLimit) {
  const Problem problem(random_scores(Scores::kUniform, 40, 24, 1), {2, 4});
  SolveParameters limited, sampled;
  limited.limits.iterations = 3;
  sampled.options = {{"samples", "3"}};
  EXPECT_EQ(RandomSolver().solve(problem, limited).permutation,
            RandomSolver().solve(problem, sampled).permutation);
}

TEST(Random, RepairsABadOrder) {
  // Features that repeat: each group holds four times the same.
  ScoreMatrix scores(4, 16);
  for (int c = 0; c < 16; ++c) scores.at(c / 4, c) = 1;
  const Problem problem(std::move(scores), {2, 4});
  EXPECT_EQ(problem.magnitude().default_kept, 8);
  EXPECT_GE(RandomSolver().solve(problem).magnitude.kept, 14);
}

TEST(Identity, ReturnsTheStart) {
  const Problem problem(random_scores(Scores::kUniform, 10, 8, 1), {2, 4});
  EXPECT_EQ(IdentitySolver().solve(problem).permutation, identity_permutation(8));
  SolveParameters parameters;
  parameters.start = Permutation{7, 6, 5, 4, 3, 2, 1, 0};
  EXPECT_EQ(IdentitySolver().solve(problem, parameters).permutation, parameters.start);
  EXPECT_EQ(IdentitySolver().solve(problem, parameters).status, Status::kFeasible);
}

}  // namespace
}  // namespace nmperm
