#include "solvers/subset_program.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "solvers/pair_improvement.h"
#include "tests/support/brute_force.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

const auto kGoOn = [] { return false; };

TEST(SubsetProgram, CountsItsStates) {
  // Pairs of 4 columns: nothing, 3 pairs with column 0, all.
  EXPECT_EQ(subset_program_states(4, 2), 5);
  EXPECT_EQ(subset_program_states(24, 4), 1 + 1771 + 74613 + 293930 + 125970 + 3876 + 1);
  EXPECT_GT(subset_program_bytes(36, 4), 5e9);
}

TEST(SubsetProgram, IsTheSameForAnyNumberOfThreads) {
  const ScoreMatrix scores = testing::random_scores(testing::Scores::kTies, 5, 20, 2);  // many equal optima
  const auto values = GroupValues::compute(scores, {2, 4}, 0, 20, 1);
  const auto one = best_division(*values, 1, kGoOn);
  EXPECT_EQ(one, best_division(*values, 2, kGoOn));
  EXPECT_EQ(one, best_division(*values, 8, kGoOn));
}

TEST(SubsetProgram, StopsWhenAsked) {
  const ScoreMatrix scores = testing::random_scores(testing::Scores::kUniform, 5, 16, 2);
  const auto values = GroupValues::compute(scores, {2, 4}, 0, 16, 1);
  EXPECT_FALSE(best_division(*values, 2, [] { return true; }).has_value());
}

TEST(PairImprovement, FindsTheOptimumOfTwoGroups) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const ScoreMatrix scores = testing::random_scores(testing::Scores::kUniform, 7, 8, seed);
    const auto values = GroupValues::compute(scores, {2, 4}, 0, 8, 1);
    std::vector<int> columns = {0, 1, 2, 3, 4, 5, 6, 7};
    improve_pairs(*values, columns, kGoOn);
    EXPECT_NEAR(kept_of_grouping(*values, columns),
                testing::best_kept(scores, {2, 4}, {0, 1, 2, 3, 4, 5, 6, 7}), 1e-10);
  }
}

TEST(PairImprovement, KicksFindTheOptimumOfAFewGroups) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const ScoreMatrix scores = testing::random_scores(testing::Scores::kUniform, 16, 16, seed);
    const auto values = GroupValues::compute(scores, {2, 4}, 0, 16, 1);
    std::vector<int> columns = identity_permutation(16);
    improve_by_kicks(*values, columns, 160, Rng(seed), kGoOn);
    EXPECT_NEAR(kept_of_grouping(*values, columns),
                kept_of_grouping(*values, *best_division(*values, 1, kGoOn)), 1e-10);
  }
}

TEST(PairImprovement, OnlyImproves) {
  const ScoreMatrix scores = testing::random_scores(testing::Scores::kHeavyTail, 9, 18, 4);
  const auto values = GroupValues::compute(scores, {1, 3}, 0, 18, 1);
  std::vector<int> columns = identity_permutation(18), all = columns;
  const double before = kept_of_grouping(*values, columns);
  improve_pairs(*values, columns, kGoOn);
  EXPECT_GT(kept_of_grouping(*values, columns), before);
  std::sort(columns.begin(), columns.end());
  EXPECT_EQ(columns, all);
}

}  // namespace
}  // namespace nmperm
