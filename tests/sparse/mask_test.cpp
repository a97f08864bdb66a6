#include "sparse/mask.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/objective.h"
#include "tests/sparse/weights.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal_of;

std::vector<std::uint8_t> kept_of(const std::vector<float>& scores, int keep) {
  std::vector<std::uint8_t> kept(scores.size(), 7);
  select_kept(scores, keep, kept);
  return kept;
}

TEST(Mask, KeepsTheLargest) {
  EXPECT_THAT(kept_of({1, 4, 2, 3}, 2), ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(kept_of({5, 1, 9}, 1), ElementsAre(0, 0, 1));
}

TEST(Mask, TiesGoToTheLowerPosition) {
  EXPECT_THAT(kept_of({1, 1, 1, 1}, 2), ElementsAre(1, 1, 0, 0));
  EXPECT_THAT(kept_of({0, 2, 1, 1}, 2), ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(kept_of({0, 0, 0, 5}, 2), ElementsAre(1, 0, 0, 1));
}

TEST(Mask, PositionsAreThoseAfterThePermutation) {
  // Under the order 3 1 2 0 the group reads 2 1 1 2: both 2s stay; under 1 2 0 3 of a tie the first stays.
  const ScoreMatrix scores = testing::scores_of_rows({{2, 1, 1, 2}});
  EXPECT_THAT(pattern_mask(scores, {2, 4}, {3, 1, 2, 0}), ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(pattern_mask(scores, {3, 4}, {1, 2, 0, 3}), ElementsAre(1, 0, 1, 1));
}

RC_GTEST_PROP(Mask, KeepsWhatTheOracleCounts, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const auto kind = *testing::arbitrary_kind();
  const int rows = *rc::gen::inRange(1, 6), columns = pattern.group * *rc::gen::inRange(1, 6);
  const ScoreMatrix scores = testing::random_scores(kind, rows, columns, testing::arbitrary_seed());
  const Permutation permutation = testing::shuffled(Segments(columns), testing::arbitrary_seed());
  const auto mask = pattern_mask(scores, pattern, permutation);
  RC_ASSERT(mask.size() == testing::size_of_matrix(rows, columns));
  double kept = 0;
  for (std::size_t k = 0; k < mask.size(); ++k) {
    RC_ASSERT(mask[k] <= 1);
    const auto r = static_cast<int>(k) / columns, i = static_cast<int>(k) % columns;
    if (mask[k] == 1) kept += static_cast<double>(scores.at(r, permutation[static_cast<std::size_t>(i)]));
  }
  for (std::size_t k = 0; k < mask.size(); k += static_cast<std::size_t>(pattern.group)) {
    RC_ASSERT(std::count(mask.begin() + static_cast<std::ptrdiff_t>(k),
                         mask.begin() + static_cast<std::ptrdiff_t>(k) + pattern.group, 1) == pattern.keep);
  }
  const double oracle = kept_magnitude(scores, pattern, permutation);
  RC_ASSERT(std::fabs(kept - oracle) <= 1e-12 * oracle);
}

RC_GTEST_PROP(Mask, PermutingFirstMakesNoDifference, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const int rows = *rc::gen::inRange(1, 5), columns = pattern.group * *rc::gen::inRange(1, 5);
  const auto weight =
      testing::small_integers(testing::size_of_matrix(rows, columns), testing::arbitrary_seed());
  const Permutation permutation = testing::shuffled(Segments(columns), testing::arbitrary_seed());
  const WeightView view{weight, rows, columns};
  std::vector<float> permuted;
  for (int r = 0; r < rows; ++r) {
    for (const int c : permutation) permuted.push_back(view.at(r, c));
  }
  RC_ASSERT(magnitude_mask(view, pattern, permutation) ==
            magnitude_mask({permuted, rows, columns}, pattern, identity_permutation(columns)));
}

TEST(Mask, PrunesInTheOriginalOrder) {
  const std::vector<float> weight = {1, -4, 3, 2, 8, -7, 6, 5};
  const WeightView view{weight, 1, 8};
  const Permutation permutation = {0, 2, 4, 6, 1, 3, 5, 7};  // groups 1 3 8 6 and -4 2 -7 5
  EXPECT_THAT(prune(view, permutation, magnitude_mask(view, {2, 4}, permutation)),
              ElementsAre(0, 0, 0, 0, 8, -7, 6, 5));
}

TEST(Mask, RefusesWhatDoesNotFit) {
  const std::vector<float> weight(12, 1.0f);
  EXPECT_THAT(refusal_of([&] {
                magnitude_mask({weight, 2, 6}, {2, 4}, identity_permutation(6));
              }),
              HasSubstr("6 columns"));
  EXPECT_THAT(refusal_of([&] {
                magnitude_mask({weight, 2, 8}, {2, 4}, identity_permutation(8));
              }),
              HasSubstr("12 values"));
  EXPECT_THAT(refusal_of([&] {
                magnitude_mask({weight, 3, 4}, {2, 4}, {0, 1, 2, 2});
              }),
              HasSubstr("permutation[3]"));
  EXPECT_THAT(refusal_of([&] { magnitude_mask({weight, 3, 4}, {4, 4}, {0, 1, 2, 3}); }), HasSubstr("4:4"));
  EXPECT_THAT(refusal_of([&] { magnitude_mask({{}, 0, 4}, {2, 4}, {0, 1, 2, 3}); }), HasSubstr("0 x 4"));
}

TEST(Mask, NamesTheElementThatIsNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> weight(24, 1.0f);
    weight[2 * 8 + 5] = bad;
    EXPECT_THAT(refusal_of([&] {
                  magnitude_mask({weight, 3, 8}, {2, 4}, identity_permutation(8));
                }),
                HasSubstr("row 2, column 5"));
  }
}

TEST(Mask, NamesTheGroupThatBreaksThePattern) {
  std::vector<float> weight(16, 0.0f);
  weight[1 * 8 + 4] = 1;
  weight[1 * 8 + 5] = -2;
  require_pattern({weight, 2, 8}, {2, 4});
  weight[1 * 8 + 7] = 0.5f;
  const std::string line = refusal_of([&] { require_pattern({weight, 2, 8}, {2, 4}); });
  EXPECT_THAT(line, HasSubstr("row 1, columns 4..7"));
  EXPECT_THAT(line, HasSubstr("1, -2, 0, 0.5"));
  EXPECT_THAT(line, HasSubstr("at most 2"));
  weight[1 * 8 + 7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refusal_of([&] { require_pattern({weight, 2, 8}, {2, 4}); }), HasSubstr("nan"));
}

}  // namespace
}  // namespace nmperm
