#include "core/objective.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"

namespace nmperm {
namespace {

constexpr double kDoubleSums = 1e-12;  // rounding of sums in double, relative

bool near(double a, double b) {
  return std::abs(a - b) <= kDoubleSums * std::max(std::abs(a), std::abs(b));
}

TEST(Objective, OfAMatrixByHand) {
  const ScoreMatrix scores = testing::scores_of_rows({{1, 2, 3, 4, 5, 6, 7, 8},  // keeps 3 4 | 7 8
                                                      {8, 0, 0, 0, 1, 1, 1, 1}});
  EXPECT_EQ(kept_magnitude(scores, {2, 4}, identity_permutation(8)), 22 + 10);
  EXPECT_EQ(kept_magnitude(scores, {2, 4}, {0, 1, 6, 7, 2, 3, 4, 5}), 15 + 11 + 9 + 2);
  EXPECT_EQ(kept_magnitude(scores, {1, 4}, identity_permutation(8)), 12 + 9);
  EXPECT_EQ(kept_magnitude(scores, {7, 8}, identity_permutation(8)), 35 + 12);
  const Magnitude magnitude = reference_magnitude(scores, {2, 4});
  EXPECT_EQ(magnitude.total, 36 + 12);
  EXPECT_EQ(magnitude.default_kept, 32);
  EXPECT_EQ(magnitude.kept, 32);
  EXPECT_EQ(magnitude.row_bound, 26 + 11);
  EXPECT_EQ(magnitude.pruned(), 16);
}

RC_GTEST_PROP(Objective, EqualsSortingEveryRow, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(16);
  const Segments segments(pattern.group * *rc::gen::inRange(1, 6));
  const testing::Scores kind = *testing::arbitrary_kind();
  const ScoreMatrix scores =
      testing::random_scores(kind, *rc::gen::inRange(1, 70), segments.columns(), testing::arbitrary_seed());
  const Permutation permutation = testing::shuffled(segments, testing::arbitrary_seed());
  RC_ASSERT(
      near(kept_magnitude(scores, pattern, permutation), testing::sorted_kept(scores, pattern, permutation)));
  RC_ASSERT(near(kept_of_group(scores, pattern, permutation.data()),
                 testing::sorted_kept(scores, pattern.keep,
                                      {permutation.begin(), permutation.begin() + pattern.group})));
}

RC_GTEST_PROP(Objective, NoPermutationKeepsMoreThanTheRowBound, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const Segments segments(pattern.group * *rc::gen::inRange(1, 12));
  const ScoreMatrix scores = testing::random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 50),
                                                    segments.columns(), testing::arbitrary_seed());
  const Magnitude magnitude = reference_magnitude(scores, pattern);
  const Permutation all = identity_permutation(segments.columns());
  const int most = segments.columns() / pattern.group * pattern.keep;
  const Permutation permutation = testing::shuffled(segments, testing::arbitrary_seed());
  const double kept = kept_magnitude(scores, pattern, permutation);
  const Magnitude oracle = oracle_magnitude(scores, pattern, permutation);
  RC_ASSERT(near(oracle.row_bound, testing::sorted_kept(scores, most, all)));
  RC_ASSERT(near(oracle.total, testing::sorted_kept(scores, segments.columns(), all)));
  RC_ASSERT(near(oracle.default_kept, testing::sorted_kept(scores, pattern, all)));
  RC_ASSERT(near(oracle.kept, testing::sorted_kept(scores, pattern, permutation)));
  RC_ASSERT(magnitude.row_bound == oracle.row_bound);
  RC_ASSERT(magnitude.total == oracle.total);
  RC_ASSERT(magnitude.default_kept == oracle.default_kept);
  RC_ASSERT(kept == oracle.kept);
  RC_ASSERT(kept <= magnitude.row_bound * (1 + kDoubleSums));
  RC_ASSERT(magnitude.row_bound <= magnitude.total * (1 + kDoubleSums));
  // Of any M scores the N largest hold at least N/M of the sum.
  RC_ASSERT(kept >= magnitude.total * pattern.keep / pattern.group * (1 - kDoubleSums));
}

TEST(Magnitude, EfficacyRunsFromDefaultToRowBound) {
  const Magnitude magnitude{100, 50, 60, 55};
  EXPECT_DOUBLE_EQ(magnitude.efficacy().value(), 50);
  EXPECT_DOUBLE_EQ(magnitude.efficacy_of(60).value(), 100);
  EXPECT_DOUBLE_EQ(magnitude.efficacy_of(45).value(), -50);
}

TEST(Magnitude, EfficacyIsNullWhereNothingCanBeGained) {
  EXPECT_FALSE((Magnitude{100, 60, 60, 60}.efficacy()));
  EXPECT_FALSE((Magnitude{100, 60, 60 * (1 + 1e-15), 60}.efficacy()));  // order of summation
  EXPECT_FALSE((Magnitude{0, 0, 0, 0}.efficacy()));
  EXPECT_TRUE((Magnitude{100, 60, 60 * (1 + 1e-9), 60}.efficacy()));
}

TEST(Magnitude, GapIsAShareOfThePruned) {
  const Magnitude magnitude{100, 50, 60, 55};
  EXPECT_DOUBLE_EQ(magnitude.gap(60), 5.0 / 45);
  EXPECT_EQ(magnitude.gap(55), 0);
  EXPECT_EQ(magnitude.gap(54), 0);
  EXPECT_EQ((Magnitude{55, 50, 55, 55}.gap(55)), 0);  // nothing is pruned
  EXPECT_EQ((Magnitude{0, 0, 0, 0}.gap(0)), 0);
}

}  // namespace
}  // namespace nmperm
