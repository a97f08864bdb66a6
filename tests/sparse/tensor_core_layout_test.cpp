// Who holds what, worked out by hand from the formulas of the manual (PTX ISA, "Matrix Fragments for sparse
// mma.m16n8k32 ..." and "... mma.m16n8k64 ...") and, for the metadata, from what the header names beside it.
#include "sparse/tensor_core_layout.h"

#include <algorithm>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sparse/torch_layout.h"
#include "tests/sparse/weights.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal_of;

/// Group (row, group) has code 0xE, kept 0011, all others 0x4. Values are zeros.
StoredWeight marked_weight(ValueType type, int rows, int columns, int row, int group) {
  std::vector<float> weight(testing::size_of_matrix(rows, columns), 0.0f);
  float* const kept = weight.data() + testing::size_of_matrix(row, columns) + 4 * group + 2;
  kept[0] = kept[1] = 1;
  StoredWeight stored = store(compress_pruned({weight, rows, columns}, {2, 4}), type);
  std::fill(stored.values.begin(), stored.values.end(), std::byte{0});
  return stored;
}

/// The word among all words of metadata, and the lowest of the four bits, where a group's code is.
struct Place {
  std::size_t word = 0;
  int bit = 0;

  bool operator==(const Place&) const = default;
};

Place place_of(ValueType type, int rows, int columns, int row, int group) {
  const auto metadata = tensor_core_weight(marked_weight(type, rows, columns, row, group)).metadata;
  Place place{metadata.size(), 0};
  for (std::size_t k = 0; k < metadata.size(); ++k) {
    for (int bit = 0; bit < 32; bit += 4) {
      const unsigned code = metadata[k] >> bit & 0xfu;
      if (code == 0xe) {
        EXPECT_EQ(place.word, metadata.size()) << "twice";
        place = {k, bit};
      } else {
        EXPECT_EQ(code, 0x4U);
      }
    }
  }
  return place;
}

// Rows 0 .. 15 are described by lanes 4 g and 4 g + 1 (selector 0), 16 .. 31 by 4 g + 2 and 4 g + 3 (selector
// 1).
TEST(MetadataOfHalfs, StandsWhereTheInstructionLooks) {
  const auto place = [](int row, int group) { return place_of(ValueType::kF16, 32, 32, row, group); };
  EXPECT_EQ(place(0, 0), (Place{0, 0}));
  EXPECT_EQ(place(0, 3), (Place{0, 12}));
  EXPECT_EQ(place(8, 0), (Place{0, 16}));
  EXPECT_EQ(place(0, 4), (Place{1, 0}));  // columns 16 .. 31
  EXPECT_EQ(place(1, 0), (Place{4, 0}));
  EXPECT_EQ(place(13, 6), (Place{21, 24}));
  EXPECT_EQ(place(16, 0), (Place{2, 0}));
  EXPECT_EQ(place(24, 5), (Place{3, 20}));
  EXPECT_EQ(place(31, 7), (Place{31, 28}));
}

TEST(MetadataOfHalfs, GoesOnWithRowBlocksThenSteps) {
  const auto place = [](int row, int group) { return place_of(ValueType::kBF16, 64, 64, row, group); };
  EXPECT_EQ(place(32, 0), (Place{32, 0}));
  EXPECT_EQ(place(0, 8), (Place{64, 0}));
  EXPECT_EQ(place(63, 15), (Place{127, 28}));
}

// All four lanes: rows g and g + 8 of columns 0 .. 31, then of columns 32 .. 63.
TEST(MetadataOfIntegers, StandsWhereTheInstructionLooks) {
  const auto place = [](int row, int group) { return place_of(ValueType::kI8, 32, 128, row, group); };
  EXPECT_EQ(place(0, 0), (Place{0, 0}));
  EXPECT_EQ(place(0, 7), (Place{0, 28}));
  EXPECT_EQ(place(8, 0), (Place{1, 0}));
  EXPECT_EQ(place(0, 8), (Place{2, 0}));
  EXPECT_EQ(place(8, 8), (Place{3, 0}));
  EXPECT_EQ(place(13, 15), (Place{23, 28}));
  EXPECT_EQ(place(16, 0), (Place{32, 0}));  // the second 16 rows
  EXPECT_EQ(place(0, 16), (Place{64, 0}));  // the second step
}

TEST(Metadata, IsTheOrderOfTorchAndCutlass) {
  for (const auto& [type, rows, columns] :
       {std::tuple{ValueType::kF16, 64, 192}, {ValueType::kBF16, 32, 64}, {ValueType::kI8, 96, 256}}) {
    const auto weight = testing::random_floats(testing::size_of_matrix(rows, columns), 1);
    const StoredWeight stored =
        store(prune_and_compress({weight, rows, columns}, {2, 4}, identity_permutation(columns)), type);
    const auto words = tensor_core_weight(stored).metadata;
    const auto bytes = std::as_bytes(std::span(words));
    EXPECT_EQ(std::vector<std::byte>(bytes.begin(), bytes.end()), torch_metadata(stored)) << to_string(type);
  }
}

/// A register as the numbers in it, the lowest bits first.
template <typename Bits>
std::vector<int> numbers_in(std::uint32_t word) {
  Bits parts[4 / sizeof(Bits)];
  std::memcpy(parts, &word, 4);
  return {std::begin(parts), std::end(parts)};
}

/// The numbers in the four registers of a lane.
template <typename Bits>
std::vector<int> numbers_of(const LaneRegisters& lanes, std::size_t lane) {
  std::vector<int> all;
  for (const std::uint32_t word : lanes[lane]) {
    const auto numbers = numbers_in<Bits>(word);
    all.insert(all.end(), numbers.begin(), numbers.end());
  }
  return all;
}

/// A weight whose stored value k has the bits of k (of 16 as of 8).
template <typename Bits>
TensorCoreWeight numbered_weight(ValueType type, int rows, int columns) {
  StoredWeight stored = marked_weight(type, rows, columns, 0, 0);
  for (std::size_t k = 0; k < stored.values.size() / sizeof(Bits); ++k) {
    const auto bits = static_cast<Bits>(k);
    std::memcpy(stored.values.data() + k * sizeof(Bits), &bits, sizeof(Bits));
  }
  return tensor_core_weight(stored);
}

// 32 columns store 16 values a row: value 16 r + c is row r, columns 4 (c / 2) and the three after it.
TEST(ValuesOfHalfs, AreWhatTheLanesHold) {
  const TensorCoreWeight weight = numbered_weight<std::uint16_t>(ValueType::kF16, 32, 32);
  ASSERT_EQ(weight.values.size(), 2U);
  const auto lane = [&](std::size_t half, std::size_t k) {
    return numbers_of<std::uint16_t>(weight.values[half], k);
  };
  EXPECT_THAT(lane(0, 0), ElementsAre(0, 1, 128, 129, 8, 9, 136, 137));
  EXPECT_THAT(lane(0, 1), ElementsAre(2, 3, 130, 131, 10, 11, 138, 139));
  EXPECT_THAT(lane(0, 6), ElementsAre(20, 21, 148, 149, 28, 29, 156, 157));  // row 1, columns 8 .. 11
  EXPECT_THAT(lane(1, 31), ElementsAre(374, 375, 502, 503, 382, 383, 510, 511));
}

// 64 columns store 32 values a row; the bits of a value are its number modulo 256.
TEST(ValuesOfIntegers, AreWhatTheLanesHold) {
  const TensorCoreWeight weight = numbered_weight<std::uint8_t>(ValueType::kI8, 16, 64);
  ASSERT_EQ(weight.values.size(), 2U);
  const auto lane = [&](std::size_t k) { return numbers_of<std::uint8_t>(weight.values[0], k); };
  EXPECT_THAT(lane(0), ElementsAre(0, 1, 2, 3, 0, 1, 2, 3, 16, 17, 18, 19, 16, 17, 18, 19));
  EXPECT_THAT(lane(6), ElementsAre(40, 41, 42, 43, 40, 41, 42, 43, 56, 57, 58, 59, 56, 57, 58, 59));
}

TEST(ValuesOfIntegers, KeepRowsEightApart) {
  std::vector<float> weight(testing::size_of_matrix(16, 64), 0.0f);
  weight[8 * 64 + 40] = 127;  // row 8, column 40: register 3 of lane 1, the first of its four
  const StoredWeight stored = store(compress_pruned({weight, 16, 64}, {2, 4}), ValueType::kI8);
  const LaneRegisters lanes = tensor_core_weight(stored).values[0];
  for (std::size_t k = 0; k < lanes.size(); ++k) {
    EXPECT_THAT(lanes[k], ElementsAre(0U, 0U, 0U, k == 1 ? 127U : 0U)) << k;
  }
}

TEST(ValuesOfWeights, GoOnWithStepsThenRowBlocks) {
  const TensorCoreWeight weight = numbered_weight<std::uint16_t>(ValueType::kF16, 40, 40);
  EXPECT_EQ(weight.row_blocks, 2);
  EXPECT_EQ(weight.steps, 2);
  ASSERT_EQ(weight.values.size(), 8U);
  const auto first = [&](std::size_t tile) { return numbers_in<std::uint16_t>(weight.values[tile][0][0]); };
  EXPECT_THAT(first(1), ElementsAre(320, 321));  // row 16
  EXPECT_THAT(first(2), ElementsAre(16, 17));    // row 0, column 32
  EXPECT_THAT(first(4), ElementsAre(640, 641));  // row 32
}

template <typename Bits>
std::vector<Bits> numbered(int rows, int n) {
  std::vector<Bits> b(testing::size_of_matrix(rows, n));
  for (std::size_t k = 0; k < b.size(); ++k) b[k] = static_cast<Bits>(k);
  return b;
}

// Row k of column c is number 8 k + c.
TEST(ActivationsOfHalfs, AreWhatTheLanesHold) {
  const TensorCoreWeight weight = numbered_weight<std::uint16_t>(ValueType::kBF16, 16, 32);
  const auto b =
      tensor_core_activations(weight, std::span<const std::uint16_t>(numbered<std::uint16_t>(32, 8)), 8);
  ASSERT_EQ(b.values.size(), 2U);
  const auto lane = [&](std::size_t k) { return numbers_of<std::uint16_t>(b.values[0], k); };
  EXPECT_THAT(lane(0), ElementsAre(0, 8, 64, 72, 128, 136, 192, 200));      // rows 0 1 8 9 16 17 24 25
  EXPECT_THAT(lane(7), ElementsAre(49, 57, 113, 121, 177, 185, 241, 249));  // column 1, rows 6 7 14 15 ...
  EXPECT_EQ(b.values[1], LaneRegisters{});
}

// One column: number k is row k.
TEST(ActivationsOfIntegers, AreWhatTheLanesHold) {
  const TensorCoreWeight weight = numbered_weight<std::uint8_t>(ValueType::kI8, 16, 64);
  const auto b =
      tensor_core_activations(weight, std::span<const std::int8_t>(numbered<std::int8_t>(64, 1)), 1);
  const auto lane = [&](std::size_t k) { return numbers_of<std::uint8_t>(b.values[0], k); };
  EXPECT_THAT(lane(1), ElementsAre(4, 5, 6, 7, 20, 21, 22, 23, 36, 37, 38, 39, 52, 53, 54, 55));
  EXPECT_THAT(lane(3), ElementsAre(12, 13, 14, 15, 28, 29, 30, 31, 44, 45, 46, 47, 60, 61, 62, 63));
  EXPECT_THAT(lane(4), ::testing::Each(0));  // column 1 is not there
}

TEST(ActivationsOfHalfs, GoOnWithStepsThenColumnBlocks) {
  const TensorCoreWeight weight = numbered_weight<std::uint16_t>(ValueType::kF16, 1, 36);
  const auto b =
      tensor_core_activations(weight, std::span<const std::uint16_t>(numbered<std::uint16_t>(36, 20)), 20);
  EXPECT_EQ(b.column_blocks, 2);
  ASSERT_EQ(b.values.size(), 8U);
  const auto first = [&](std::size_t tile) { return numbers_in<std::uint16_t>(b.values[tile][0][0]); };
  EXPECT_THAT(first(1), ElementsAre(8, 28));     // column 8
  EXPECT_THAT(first(2), ElementsAre(640, 660));  // row 32
  EXPECT_THAT(first(4), ElementsAre(16, 36));    // column 16
  EXPECT_THAT(first(7), ElementsAre(0, 0));      // column 24 is not there
  EXPECT_EQ(b.values[2][2][0], 0U);              // nor row 36, of lane 2
}

TEST(WeightsOfAnyShape, AreFilledUpWithZerosAndValidCodes) {
  for (const ValueType type : {ValueType::kF16, ValueType::kBF16, ValueType::kI8}) {
    const StoredWeight stored = marked_weight(type, 1, 4, 0, 0);
    const TensorCoreWeight weight = tensor_core_weight(stored);
    EXPECT_EQ(weight.steps, 1);
    EXPECT_EQ(weight.row_blocks, 1);
    EXPECT_EQ(weight.metadata.front(), 0x4444444eU);
    for (std::size_t k = 1; k < weight.metadata.size(); ++k) EXPECT_EQ(weight.metadata[k], 0x44444444U);
  }
}

TEST(TensorCoreLayout, RefusesWhatTensorCoresDoNotTake) {
  const std::vector<float> dense(64, 1.0f);
  const auto stored = [&](const Pattern& pattern, ValueType type) {
    return store(prune_and_compress({dense, 4, 16}, pattern, identity_permutation(16)), type);
  };
  EXPECT_THAT(refusal_of([&] {
                tensor_core_weight(stored({2, 4}, ValueType::kF32));
              }),
              HasSubstr("f16, bf16 or i8"));
  EXPECT_THAT(refusal_of([&] {
                tensor_core_weight(stored({1, 4}, ValueType::kF16));
              }),
              HasSubstr("1:4 (expected 2:4)"));
  StoredWeight broken = stored({2, 4}, ValueType::kF16);
  broken.indices[1] = std::byte{0x45};
  EXPECT_THAT(refusal_of([&] { tensor_core_weight(broken); }), HasSubstr("row 0, group 2: index code 0x5"));
  const TensorCoreWeight weight = tensor_core_weight(stored({2, 4}, ValueType::kF16));
  const std::vector<std::uint16_t> b(32);
  EXPECT_EQ(tensor_core_activations(weight, b, 2).columns, 2);
  EXPECT_THAT(refusal_of([&] { tensor_core_activations(weight, b, 1); }),
              HasSubstr("32 values for 1 columns"));
  EXPECT_THAT(refusal_of([&] { tensor_core_activations(weight, b, 0); }), HasSubstr("0 columns"));
  EXPECT_THAT(refusal_of([&] { tensor_core_activations(weight, std::vector<std::int8_t>(32), 2); }),
              HasSubstr("8 bits (expected as the weight, f16)"));
}

}  // namespace
}  // namespace nmperm
