#include "heuristics/swap_moves.h"

#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"

namespace nmperm {
namespace {

using testing::Scores;

Problem problem_of(const Pattern& pattern, const Segments& segments) {
  return Problem(testing::random_scores(Scores::kUniform, 3, segments.columns(), 1), pattern, segments);
}

RC_GTEST_PROP(SwapMoves, AreBetweenDifferentGroupsOfOneSegment, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const Problem problem = problem_of(pattern, Segments(*testing::arbitrary_segments(pattern)));
  const SwapMoves moves(problem);
  const Segments& segments = problem.segments();
  RC_ASSERT(moves.any() == (problem.groups() > segments.count()));
  if (!moves.any()) return;
  Rng rng(testing::arbitrary_seed());
  for (int k = 0; k < 200; ++k) {
    const auto [i, j] = moves.random(rng);
    RC_ASSERT(i >= 0 && i < problem.columns());
    RC_ASSERT(j >= 0 && j < problem.columns());
    RC_ASSERT(i / pattern.group != j / pattern.group);
    RC_ASSERT(segments.of_column(i) == segments.of_column(j));
  }
}

TEST(SwapMoves, ThereAreNoneWhereEverySegmentIsOneGroup) {
  EXPECT_FALSE(SwapMoves(problem_of({2, 4}, Segments(std::vector<int>{4}))).any());
  EXPECT_FALSE(SwapMoves(problem_of({2, 4}, Segments({4, 4, 4}))).any());
  EXPECT_TRUE(SwapMoves(problem_of({2, 4}, Segments({4, 8}))).any());
  EXPECT_TRUE(SwapMoves(problem_of({2, 4}, Segments(std::vector<int>{8}))).any());
}

TEST(SwapMoves, ReachEveryPairAboutEquallyOften) {
  const Problem problem = problem_of({1, 2}, Segments({2, 6, 6}));
  const SwapMoves moves(problem);
  constexpr int kPairs = 48, kTimes = 400;  // ordered: 12 slots with 4 partners each
  std::map<std::pair<int, int>, int> count;
  Rng rng(1);
  for (int k = 0; k < kPairs * kTimes; ++k) {
    const auto [i, j] = moves.random(rng);
    ++count[{i, j}];
  }
  EXPECT_EQ(count.size(), static_cast<std::size_t>(kPairs));
  for (const auto& [pair, times] : count) {
    EXPECT_NEAR(times, kTimes, 6 * std::sqrt(kTimes)) << pair.first << ", " << pair.second;
  }
}

TEST(MeanAbsoluteSwapChange, IsThatOfTheOracle) {
  const Problem problem(testing::random_scores(Scores::kUniform, 40, 16, 1), {2, 4});
  const Permutation permutation = testing::shuffled(problem.segments(), 2);
  const SwapMoves moves(problem);
  Rng rng(3), same(3);
  double sum = 0;
  for (int k = 0; k < 256; ++k) {
    const auto [i, j] = moves.random(same);
    Permutation swapped = permutation;
    std::swap(swapped[static_cast<std::size_t>(i)], swapped[static_cast<std::size_t>(j)]);
    sum += std::abs(testing::sorted_kept(problem.scores(), problem.pattern(), swapped) -
                    testing::sorted_kept(problem.scores(), problem.pattern(), permutation));
  }
  const double mean = mean_absolute_swap_change(problem, permutation, moves, rng);
  EXPECT_GT(mean, 0);
  EXPECT_NEAR(mean, sum / 256, 1e-4 * mean);
}

}  // namespace
}  // namespace nmperm
