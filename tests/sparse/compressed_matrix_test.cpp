#include "sparse/compressed_matrix.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sparse/mask.h"
#include "tests/sparse/weights.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal_of;

TEST(CompressedMatrix, HoldsValuesAndPlaces) {
  const std::vector<float> weight = {1, -2, 3, -4, 8, 7, 6, 5};
  const CompressedMatrix matrix = prune_and_compress({weight, 2, 4}, {2, 4}, {0, 1, 2, 3});
  EXPECT_THAT(matrix.values, ElementsAre(3, -4, 8, 7));
  EXPECT_THAT(matrix.places, ElementsAre(2, 3, 0, 1));
  EXPECT_EQ(matrix.column(0, 1), 3);
  EXPECT_THAT(decompress(matrix), ElementsAre(0, 0, 3, -4, 8, 7, 0, 0));
}

TEST(CompressedMatrix, FillsUpGroupsFromTheLeft) {
  const std::vector<float> weight = {0, 0, 0, 0, 0, 0, 0, 9, 5, 0, 0, 0};
  const CompressedMatrix matrix = compress_pruned({weight, 1, 12}, {2, 4});
  EXPECT_THAT(matrix.values, ElementsAre(0, 0, 0, 9, 5, 0));
  EXPECT_THAT(matrix.places, ElementsAre(0, 1, 0, 3, 0, 1));
}

RC_GTEST_PROP(CompressedMatrix, DecompressesToThePermutedPrunedWeight, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(12);
  const int rows = *rc::gen::inRange(1, 6), columns = pattern.group * *rc::gen::inRange(1, 6);
  const auto weight =
      testing::small_integers(testing::size_of_matrix(rows, columns), testing::arbitrary_seed());
  const WeightView view{weight, rows, columns};
  const Permutation permutation = testing::shuffled(Segments(columns), testing::arbitrary_seed());
  const auto mask = magnitude_mask(view, pattern, permutation);
  const CompressedMatrix matrix = compress(view, pattern, permutation, mask);
  const std::vector<float> dense = decompress(matrix), pruned = prune(view, permutation, mask);
  require_pattern({dense, rows, columns}, pattern);
  for (int r = 0; r < rows; ++r) {
    for (int i = 0; i < columns; ++i) {
      const WeightView original{pruned, rows, columns}, permuted{dense, rows, columns};
      RC_ASSERT(permuted.at(r, i) == original.at(r, permutation[static_cast<std::size_t>(i)]));
    }
  }
  RC_ASSERT(compress_pruned({dense, rows, columns}, pattern) == matrix);
}

TEST(CompressedMatrix, RefusesAWeightThatBreaksThePattern) {
  const std::vector<float> weight = {1, 2, 3, 0};
  EXPECT_THAT(refusal_of([&] {
                compress_pruned({weight, 1, 4}, {2, 4});
              }),
              HasSubstr("row 0, columns 0..3 hold 1, 2, 3, 0"));
}

TEST(CompressedMatrix, RefusesAMaskThatDoesNotFit) {
  const std::vector<float> weight(8, 1.0f);
  const WeightView view{weight, 2, 4};
  const Permutation same = identity_permutation(4);
  EXPECT_THAT(refusal_of([&] {
                compress(view, {2, 4}, same, std::vector<std::uint8_t>(4));
              }),
              HasSubstr("4 flags"));
  EXPECT_THAT(refusal_of([&] {
                compress(view, {2, 4}, same, std::vector<std::uint8_t>(8, 1));
              }),
              HasSubstr("8 values"));
  const std::vector<std::uint8_t> uneven = {1, 1, 1, 0, 1, 0, 0, 0};  // four flags, but three and one
  EXPECT_THAT(refusal_of([&] { compress(view, {2, 4}, same, uneven); }), HasSubstr("row 1, group 0"));
}

TEST(CompressedMatrix, RefusesImpossiblePlaces) {
  const CompressedMatrix good{1, 8, {2, 4}, {1, 2, 3, 4}, {0, 3, 1, 2}};
  good.validate();
  const auto refusal = [&](const std::vector<std::uint8_t>& places) {
    CompressedMatrix bad = good;
    bad.places = places;
    return refusal_of([&] { bad.validate(); });
  };
  EXPECT_THAT(refusal({0, 3, 0, 0}), HasSubstr("row 0, group 1"));
  EXPECT_THAT(refusal({0, 3, 1, 1}), HasSubstr("row 0, group 1"));
  EXPECT_THAT(refusal({0, 3, 2, 1}), HasSubstr("ascending"));
  EXPECT_THAT(refusal({0, 4, 1, 2}), HasSubstr("row 0, group 0: index 4"));
  EXPECT_THAT(refusal({0, 3, 1}), HasSubstr("3 indices"));
}

TEST(CompressedMatrix, RefusesValuesAndShapesThatCannotBe) {
  CompressedMatrix bad{1, 4, {2, 4}, {1, std::numeric_limits<float>::infinity()}, {0, 1}};
  EXPECT_THAT(refusal_of([&] { bad.validate(); }), HasSubstr("inf"));
  bad = {1, 6, {2, 4}, {1, 2, 3}, {0, 1, 0}};
  EXPECT_THAT(refusal_of([&] { bad.validate(); }), HasSubstr("1 x 6"));
  bad = {0, 4, {2, 4}, {}, {}};
  EXPECT_THAT(refusal_of([&] { bad.validate(); }), HasSubstr("0 x 4"));
}

}  // namespace
}  // namespace nmperm
