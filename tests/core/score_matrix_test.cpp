#include "core/score_matrix.h"

#include <cstdint>
#include <limits>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;

TEST(ScoreMatrix, AlignsAndPadsEveryColumnWithZeros) {
  for (const int rows : {1, 15, 16, 17, 31, 32, 100, 2100}) {
    ScoreMatrix scores(rows, 5);
    EXPECT_EQ(scores.stride() % kRowAlignment, 0u);
    EXPECT_GE(scores.stride(), static_cast<std::size_t>(rows));
    EXPECT_LT(scores.stride(), static_cast<std::size_t>(rows + kRowAlignment));
    for (int c = 0; c < 5; ++c) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(scores.column(c)) % 64, 0u) << rows << " " << c;
      for (int r = 0; r < rows; ++r) scores.at(r, c) = 1;
    }
    for (int c = 0; c < 5; ++c) {
      for (auto r = static_cast<std::size_t>(rows); r < scores.stride(); ++r) {
        EXPECT_EQ(scores.column(c)[r], 0.0f) << rows << " " << c;
      }
    }
  }
}

TEST(ScoreMatrix, IsColumnMajor) {
  ScoreMatrix scores(3, 2);
  scores.at(2, 1) = 7;
  EXPECT_EQ(scores.column(0)[scores.stride() + 2], 7.0f);
}

TEST(ScoreMatrix, ACloneIsACopy) {
  ScoreMatrix scores(20, 3);
  scores.at(19, 2) = 5;
  const ScoreMatrix copy = scores.clone();
  scores.at(19, 2) = 6;
  EXPECT_EQ(copy.at(19, 2), 5.0f);
  EXPECT_EQ(copy.rows(), 20);
  EXPECT_EQ(copy.columns(), 3);
  const ScoreMatrix moved = std::move(scores);
  EXPECT_EQ(moved.at(19, 2), 6.0f);
}

TEST(ScoreMatrix, LargeOnesAreTheSame) {
  for (const int columns : {1023, 1024, 1025, 2048}) {  // 4 MiB are where pages of their own begin
    ScoreMatrix scores(1020, columns);
    for (int c = 0; c < columns; c += 101) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(scores.column(c)) % 64, 0u);
      for (std::size_t r = 0; r < scores.stride(); ++r) ASSERT_EQ(scores.column(c)[r], 0.0f) << r << " " << c;
    }
    scores.at(1019, columns - 1) = 3;
    const ScoreMatrix copy = scores.clone(), moved = std::move(scores);
    EXPECT_EQ(copy.at(1019, columns - 1), 3.0f);
    EXPECT_EQ(moved.at(1019, columns - 1), 3.0f);
    EXPECT_EQ(copy.at(0, columns - 1), 0.0f);
  }
}

TEST(ScoreMatrix, RefusesEmptyAndUnaddressableSizes) {
  for (const auto& [rows, columns] : {std::pair{0, 4}, {4, 0}, {-1, 4}, {4, -4}}) {
    EXPECT_THAT(testing::refusal_of([r = rows, c = columns] { ScoreMatrix(r, c); }),
                HasSubstr("at least one row and one column"));
  }
  constexpr int kMost = std::numeric_limits<int>::max();
  EXPECT_THAT(testing::refusal_of([] { ScoreMatrix(kMost, kMost); }), HasSubstr("fits into memory"));
}

}  // namespace
}  // namespace nmperm
