#include "sparse/torch_layout.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sparse/weights.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal_of;

constexpr TorchLayout kHalf{2, 32, 64}, kInteger{4, 16, 128};

/// Where the words of a row go, for the first `count` columns of words.
std::vector<std::size_t> positions(const TorchLayout& layout, int row, int count, int rows) {
  std::vector<std::size_t> positions;
  for (int c = 0; c < count; ++c) positions.push_back(torch_word_position(layout, row, c, rows));
  return positions;
}

// Worked out by hand from the definition. 32 rows of 16-bit words: row r becomes 4 (r mod 8) + r / 8; of the
// 2 x 2 blocks the upper right and the lower left word change places; word (r, c) stands at
// 64 (c / 2) + 2 r + c mod 2.
TEST(TorchLayoutOfHalfs, HandComputedPositions) {
  EXPECT_THAT(positions(kHalf, 0, 4, 32), ElementsAre(0, 2, 64, 66));   // row 0; odd words sink to row 1
  EXPECT_THAT(positions(kHalf, 8, 4, 32), ElementsAre(1, 3, 65, 67));   // row 1; even words rise to row 0
  EXPECT_THAT(positions(kHalf, 16, 4, 32), ElementsAre(4, 6, 68, 70));  // row 2
  EXPECT_THAT(positions(kHalf, 24, 4, 32), ElementsAre(5, 7, 69, 71));  // row 3
  EXPECT_THAT(positions(kHalf, 1, 4, 32), ElementsAre(8, 10, 72, 74));  // row 4
  EXPECT_THAT(positions(kHalf, 31, 4, 32), ElementsAre(61, 63, 125, 127));
  EXPECT_THAT(positions(kHalf, 33, 2, 64), ElementsAre(72, 74));  // second group of 32 rows
}

// 16 rows of 32-bit words: row r becomes 2 (r mod 8) + r / 8.
TEST(TorchLayoutOfIntegers, HandComputedPositions) {
  EXPECT_THAT(positions(kInteger, 0, 4, 16), ElementsAre(0, 2, 32, 34));
  EXPECT_THAT(positions(kInteger, 8, 4, 16), ElementsAre(1, 3, 33, 35));
  EXPECT_THAT(positions(kInteger, 1, 4, 16), ElementsAre(4, 6, 36, 38));
  EXPECT_THAT(positions(kInteger, 15, 4, 16), ElementsAre(29, 31, 61, 63));
  EXPECT_THAT(positions(kInteger, 16, 2, 32), ElementsAre(32, 34));
}

TEST(TorchLayout, IsAPermutationOfTheWords) {
  for (const auto& [layout, rows, words] :
       {std::tuple{kHalf, 32, 4}, {kHalf, 96, 12}, {kInteger, 16, 4}, {kInteger, 48, 8}}) {
    std::vector<std::size_t> seen;
    for (int r = 0; r < rows; ++r) {
      const auto row = positions(layout, r, words, rows);
      seen.insert(seen.end(), row.begin(), row.end());
    }
    std::sort(seen.begin(), seen.end());
    std::vector<std::size_t> all(seen.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    EXPECT_EQ(seen, all);
  }
}

/// Row r keeps columns 0 and 1 of every group, except that the first group of word c of row r has code 0xE.
StoredWeight marked_weight(ValueType type, int rows, int columns, int r, int c, int word_columns) {
  std::vector<float> weight(testing::size_of_matrix(rows, columns), 0.0f);
  float* const group = weight.data() + testing::size_of_matrix(r, columns) + c * word_columns;
  group[2] = group[3] = 1;
  return store(compress_pruned({weight, rows, columns}, {2, 4}), type);
}

TEST(TorchMetadata, PutsWordsInPlace) {
  // Zero groups read 1100, code 4.
  const StoredWeight half = marked_weight(ValueType::kF16, 32, 64, 8, 1, 16);
  const auto metadata = torch_metadata(half);
  ASSERT_EQ(metadata.size(), 32U * 4 * 2);
  for (std::size_t k = 0; k < metadata.size() / 2; ++k) {
    std::uint16_t word = 0;
    std::memcpy(&word, metadata.data() + 2 * k, 2);
    EXPECT_EQ(word, k == 3 ? 0x444E : 0x4444) << k;
  }
  const auto integers = torch_metadata(marked_weight(ValueType::kI8, 16, 128, 1, 2, 32));
  for (std::size_t k = 0; k < integers.size() / 4; ++k) {
    std::uint32_t word = 0;
    std::memcpy(&word, integers.data() + 4 * k, 4);
    EXPECT_EQ(word, k == 36 ? 0x4444444EU : 0x44444444U) << k;
  }
}

TEST(TorchMetadata, ComesBack) {
  for (const auto& [type, rows, columns] :
       {std::tuple{ValueType::kF16, 64, 192}, {ValueType::kBF16, 32, 64}, {ValueType::kI8, 48, 256}}) {
    const auto weight = testing::random_floats(testing::size_of_matrix(rows, columns), 1);
    const StoredWeight stored =
        store(prune_and_compress({weight, rows, columns}, {2, 4}, identity_permutation(columns)), type);
    const TorchLayout layout = torch_layout(type, {2, 4}, rows, columns);
    EXPECT_EQ(indices_of_torch_metadata(layout, rows, columns, torch_metadata(stored)), stored.indices);
  }
}

TEST(TorchLayout, RefusesWhatTensorCoresDoNotTake) {
  EXPECT_THAT(refusal_of([] { torch_layout(ValueType::kF32, {2, 4}, 32, 64); }), HasSubstr("f32"));
  EXPECT_THAT(refusal_of([] { torch_layout(ValueType::kF16, {1, 4}, 32, 64); }), HasSubstr("1:4"));
  EXPECT_THAT(refusal_of([] { torch_layout(ValueType::kF16, {2, 4}, 16, 64); }), HasSubstr("16 x 64"));
  EXPECT_THAT(refusal_of([] { torch_layout(ValueType::kF16, {2, 4}, 32, 96); }), HasSubstr("64 columns"));
  EXPECT_THAT(refusal_of([] { torch_layout(ValueType::kI8, {2, 4}, 16, 64); }), HasSubstr("128 columns"));
  EXPECT_THAT(refusal_of([] { indices_of_torch_metadata(kHalf, 32, 64, {}); }), HasSubstr("0 bytes"));
}

}  // namespace
}  // namespace nmperm
