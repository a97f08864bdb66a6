// Moving, pruning, and comparing one tensor.
#include "checkpoints/move_tensor.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sparse/mask.h"
#include "tests/io/file_builders.h"
#include "tests/support/scores.h"

namespace nmperm::testing {
namespace {

using ::testing::HasSubstr;

template <typename T>
std::vector<std::byte> stored(const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

template <typename T>
std::vector<T> loaded(const std::vector<std::byte>& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST(MoveTensor, RowsAndColumnsOfEveryElementSize) {
  const TensorMove move{2, {2, 3}, {{1, 0}, {2, 0, 1}}};
  EXPECT_EQ(loaded<std::uint16_t>(moved_bytes(move, stored<std::uint16_t>({1, 2, 3, 4, 5, 6}))),
            (std::vector<std::uint16_t>{6, 4, 5, 3, 1, 2}));
  const TensorMove wide{8, {2, 3}, {{}, {2, 0, 1}}};
  EXPECT_EQ(loaded<double>(moved_bytes(wide, stored<double>({1, 2, 3, 4, 5, 6}))),
            (std::vector<double>{3, 1, 2, 6, 4, 5}));
  const TensorMove flat{4, {3}, {{2, 0, 1}}};
  EXPECT_EQ(loaded<float>(moved_bytes(flat, stored<float>({1, 2, 3}))), (std::vector<float>{3, 1, 2}));
}

TEST(MoveTensor, TheComparisonNoticesEveryElement) {
  const TensorMove move{4, {2, 3}, {{1, 0}, {2, 0, 1}}};
  const auto before = stored<float>({1, 2, 3, 4, 5, 6});
  const auto after = moved_bytes(move, before);
  EXPECT_TRUE(check_move(move, before, after).equal);
  for (std::size_t i = 0; i < after.size(); ++i) {
    auto changed = after;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(check_move(move, before, changed).equal) << i;
  }
  EXPECT_FALSE(check_move(move, before, before).equal);
  EXPECT_FALSE(check_move(move, before, {}).equal);
}

/// Input channels along axis 1 and along axis 0.
class PrunedTensor : public ::testing::TestWithParam<int> {};

TEST_P(PrunedTensor, KeepsTheLargestScoresOfEveryMovedGroup) {
  const int axis = GetParam();
  const ScoreMatrix scores = random_scores(Scores::kTies, 3, 8, 4);
  const Permutation inputs = {7, 2, 0, 5, 1, 6, 4, 3}, outputs = {2, 0, 1};
  std::vector<float> values;
  for (int i = 0; i < 24; ++i) values.push_back(static_cast<float>(i + 1));
  const auto before = stored(values);
  const TensorMove move{
      4, axis == 1 ? std::vector<std::uint64_t>{3, 8} : std::vector<std::uint64_t>{8, 3},
      axis == 1 ? std::vector<Permutation>{outputs, inputs} : std::vector<Permutation>{inputs, outputs}};
  auto bytes = before;
  prune_bytes(move, axis, pattern_mask(scores, {2, 4}, inputs), bytes);
  const auto after = moved_bytes(move, bytes);
  EXPECT_TRUE(check_pruned_move(move, axis, {2, 4}, scores, before, after).equal);
  // By hand: output `r` stands where outputs[] says, and so do the inputs.
  for (int o = 0; o < 3; ++o) {
    for (int group = 0; group < 2; ++group) {
      std::vector<std::pair<float, int>> ranked;
      for (int i = 4 * group; i < 4 * group + 4; ++i) {
        ranked.emplace_back(
            -scores.at(outputs[static_cast<std::size_t>(o)], inputs[static_cast<std::size_t>(i)]), i);
      }
      std::sort(ranked.begin(), ranked.end());
      for (std::size_t rank = 0; rank < 4; ++rank) {
        const int i = ranked[rank].second;
        const auto at = static_cast<std::size_t>(axis == 1 ? o * 8 + i : i * 3 + o);
        const int r = outputs[static_cast<std::size_t>(o)], c = inputs[static_cast<std::size_t>(i)];
        const float value = static_cast<float>(axis == 1 ? r * 8 + c + 1 : c * 3 + r + 1);
        EXPECT_EQ(loaded<float>(after)[at], rank < 2 ? value : 0.0f);
      }
    }
  }
  auto changed = loaded<float>(after);
  for (float& value : changed) {
    const float kept = value;
    value = kept == 0 ? 1.0f : 0.0f;
    EXPECT_FALSE(check_pruned_move(move, axis, {2, 4}, scores, before, stored(changed)).equal);
    value = kept;
  }
}

INSTANTIATE_TEST_SUITE_P(Axes, PrunedTensor, ::testing::Values(0, 1));

}  // namespace
}  // namespace nmperm::testing
