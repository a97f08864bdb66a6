#include "sparse/stored_weight.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/sparse/weights.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal_of;

std::vector<int> numbers(const std::vector<std::byte>& bytes) {
  std::vector<int> numbers;
  for (const std::byte byte : bytes) numbers.push_back(std::to_integer<int>(byte));
  return numbers;
}

CompressedMatrix random_matrix(const Pattern& pattern, int rows, int groups, std::uint64_t seed) {
  const int columns = pattern.group * groups;
  const auto weight = testing::random_floats(testing::size_of_matrix(rows, columns), seed);
  return prune_and_compress({weight, rows, columns}, pattern, identity_permutation(columns));
}

TEST(StoredWeight, CodesOfAllSixGroups) {
  // Kept 1100 1010, 0110 1001, 0101 0011: nibbles 4 8, 9 C, D E; the first of a byte is its lower half.
  const std::vector<float> weight = {1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1};
  const StoredWeight stored = store(compress_pruned({weight, 1, 24}, {2, 4}), ValueType::kF32);
  EXPECT_THAT(numbers(stored.indices), ElementsAre(0x84, 0xC9, 0xED));
}

TEST(StoredWeight, IndicesOfOtherPatterns) {
  // 1:2 takes one bit, 1:4 two, 3:8 three: places 1, 2, 5 are 001 010 101 from the lowest bit of each.
  EXPECT_EQ(index_bits({1, 2}), 1);
  EXPECT_EQ(index_bits({1, 4}), 2);
  EXPECT_EQ(index_bits({2, 5}), 3);
  EXPECT_EQ(index_bits({3, 8}), 3);
  EXPECT_EQ(index_bits({4, 64}), 6);
  const std::vector<float> weight = {0, 1, 1, 0, 0, 1, 0, 0};
  EXPECT_THAT(numbers(store(compress_pruned({weight, 1, 8}, {3, 8}), ValueType::kF32).indices),
              ElementsAre(1 | 2 << 3 | (5 & 3) << 6, 5 >> 2));
}

TEST(StoredWeight, ValuesAreLittleEndian) {
  const std::vector<float> weight = {1, -2, 0, 0};
  const CompressedMatrix matrix = compress_pruned({weight, 1, 4}, {2, 4});
  EXPECT_THAT(numbers(store(matrix, ValueType::kF32).values), ElementsAre(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0));
  EXPECT_THAT(numbers(store(matrix, ValueType::kF16).values), ElementsAre(0, 0x3c, 0, 0xc0));
  EXPECT_THAT(numbers(store(matrix, ValueType::kBF16).values), ElementsAre(0x80, 0x3f, 0, 0xc0));
  const StoredWeight integers = store(matrix, ValueType::kI8);
  EXPECT_THAT(numbers(integers.values), ElementsAre(64, 0x81));  // 63.5 to even; -127
  EXPECT_THAT(integers.scales, ElementsAre(2.0f / 127));
}

RC_GTEST_PROP(StoredWeight, ComesBack, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(16);
  const CompressedMatrix matrix =
      random_matrix(pattern, *rc::gen::inRange(1, 6), *rc::gen::inRange(1, 6), testing::arbitrary_seed());
  RC_ASSERT(restore(store(matrix, ValueType::kF32)) == matrix);
  const std::pair<ValueType, float> precisions[] = {
      {ValueType::kF16, 0x1p-11f}, {ValueType::kBF16, 0x1p-8f}, {ValueType::kI8, 1}};
  for (const auto& [type, precision] : precisions) {
    const StoredWeight stored = store(matrix, type);
    const CompressedMatrix back = restore(stored);
    RC_ASSERT(back.places == matrix.places);
    for (std::size_t k = 0; k < matrix.values.size(); ++k) {
      const float error = std::fabs(back.values[k] - matrix.values[k]);
      const float bound = type == ValueType::kI8 ? stored.scales[k / matrix.row_size()] * 0.50001f
                                                 : precision * std::fabs(matrix.values[k]) + 0x1p-24f;
      RC_ASSERT(error <= bound);
    }
  }
}

TEST(StoredWeight, SharesOfTheIndices) {
  const CompressedMatrix matrix = random_matrix({2, 4}, 32, 16, 1);
  const StoredSize half = stored_size(store(matrix, ValueType::kF16));
  EXPECT_EQ(half.dense, 32U * 64 * 2);
  EXPECT_EQ(half.values, half.dense / 2);
  EXPECT_EQ(8 * half.indices, half.values);
  const StoredSize integers = stored_size(store(matrix, ValueType::kI8));
  EXPECT_EQ(4 * integers.indices, integers.values);
  EXPECT_EQ(integers.scales, 32U * 4);
  EXPECT_EQ(integers.compressed(), integers.values + integers.indices + integers.scales);
}

TEST(StoredWeight, RefusesValuesBeyondTheType) {
  const std::vector<float> weight = {1, 2, 0, 0, 70000, 2, 0, 0};
  const CompressedMatrix matrix = compress_pruned({weight, 2, 4}, {2, 4});
  const std::string line = refusal_of([&] { store(matrix, ValueType::kF16); });
  EXPECT_THAT(line, HasSubstr("row 1"));
  EXPECT_THAT(line, HasSubstr("70000"));
  EXPECT_THAT(line, HasSubstr("65504"));
  store(matrix, ValueType::kBF16);
}

class HostileWeight : public ::testing::Test {
 protected:
  std::string refusal() const {
    return refusal_of([this] { restore(weight_, "here"); });
  }

  StoredWeight weight_ = store(random_matrix({2, 4}, 3, 4, 1), ValueType::kF32);
};

TEST_F(HostileWeight, ImpossibleCodes) {
  for (const unsigned code : {0x0U, 0x1U, 0x2U, 0x3U, 0x5U, 0x6U, 0x7U, 0xAU, 0xBU, 0xFU}) {
    weight_.indices[3] = static_cast<std::byte>(0x4U | code << 4);  // row 1, groups 2 and 3
    const std::string line = refusal();
    EXPECT_THAT(line, HasSubstr("here: row 1, group 3"));
    const std::string hex(1, "0123456789ABCDEF"[code]);
    EXPECT_THAT(line, HasSubstr("index code 0x" + hex));
  }
}

TEST_F(HostileWeight, ImpossibleIndicesOfOtherPatterns) {
  weight_ = store(random_matrix({1, 6}, 1, 2, 2), ValueType::kF32);
  weight_.indices[0] = std::byte{0x7};
  EXPECT_THAT(refusal(), HasSubstr("row 0, group 0: index 7"));
}

TEST_F(HostileWeight, SizesThatDoNotFit) {
  StoredWeight good = weight_;
  weight_.values.pop_back();
  EXPECT_THAT(refusal(), HasSubstr("bytes of values"));
  weight_ = good;
  weight_.indices.emplace_back();
  EXPECT_THAT(refusal(), HasSubstr("bytes of indices"));
  weight_ = good;
  weight_.scales.push_back(1);
  EXPECT_THAT(refusal(), HasSubstr("scales"));
  weight_ = good;
  weight_.columns = 18;
  EXPECT_THAT(refusal(), HasSubstr("3 x 18"));
  weight_ = good;
  weight_.rows = 0;
  EXPECT_THAT(refusal(), HasSubstr("0 x 16"));
  weight_ = good;
  weight_.pattern = {4, 4};
  EXPECT_THAT(refusal(), HasSubstr("4:4"));
}

TEST_F(HostileWeight, BitsAfterTheLastIndex) {
  weight_ = store(random_matrix({2, 4}, 1, 1, 3), ValueType::kF32);
  weight_.indices[0] |= std::byte{0x10};
  EXPECT_THAT(refusal(), HasSubstr("bits after the last index"));
}

TEST_F(HostileWeight, ValuesAndScalesThatAreNoNumbers) {
  const float nan = std::nanf("");
  std::memcpy(weight_.values.data() + 4 * (8 + 2), &nan, 4);
  EXPECT_THAT(refusal(), HasSubstr("here: row 1, group 1"));
  for (const float scale : {0.0f, -1.0f, nan, std::numeric_limits<float>::infinity()}) {
    weight_ = store(random_matrix({2, 4}, 3, 4, 1), ValueType::kI8);
    weight_.scales[2] = scale;
    EXPECT_THAT(refusal(), HasSubstr("here: row 2: scale"));
  }
}

}  // namespace
}  // namespace nmperm
