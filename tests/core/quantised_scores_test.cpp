#include "core/quantised_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/group_kernels.h"
#include "tests/core/kernel_cases.h"
#include "tests/core/targets.h"
#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

using testing::kernel_scores;
using testing::Scores;

std::string case_name(Scores kind, int rows) {
  return testing::name_of(kind) + ", " + std::to_string(rows) + " rows";
}

std::uint8_t* bytes_of(ScoreMatrix& memory, int column) {
  return reinterpret_cast<std::uint8_t*>(memory.column(column));
}

TEST(QuantisedScores, LieWithinHalfAStepOfTheScores) {
  std::uint64_t seed = 0;
  for (const Scores kind : testing::kAllScores) {
    for (const int rows : {1, 15, 63, 64, 65, 300}) {
      SCOPED_TRACE(case_name(kind, rows));
      const ScoreMatrix scores = kernel_scores(kind, rows, 8, ++seed);
      const QuantisedScores bytes(scores);
      for (int c = 0; c < 8; ++c) {
        for (int r = 0; r < rows; ++r) {
          const double step = bytes.unit() * bytes.weights()[r];
          const double score = static_cast<double>(scores.at(r, c));
          const double rounding = 4 * double{std::numeric_limits<float>::epsilon()} * (score + step);
          // A weight may fall short of the largest score by a millionth of itself.
          ASSERT_NEAR(step * bytes.column(c)[r], score, 0.5 * step + 1e-6 * score + rounding)
              << r << ", " << c;
        }
      }
    }
  }
}

TEST(QuantisedScores, WeightsAreTheSmallestThatFit) {
  const int rows = 200;
  const ScoreMatrix scores = kernel_scores(Scores::kHeavyTail, rows, 8, 3);
  const QuantisedScores bytes(scores);
  int heaviest = 0;
  for (int r = 0; r < rows; ++r) {
    double largest = 0;
    for (int c = 0; c < 8; ++c) largest = std::max(largest, static_cast<double>(scores.at(r, c)));
    const int weight = bytes.weights()[r];
    heaviest = std::max(heaviest, weight);
    EXPECT_GE(weight, 1) << r;
    EXPECT_LE(weight, 63) << r;
    EXPECT_LE(largest, weight * bytes.unit() * 255 * (1 + 1e-5)) << r;
    if (weight > 1) {
      EXPECT_GT(largest, (weight - 1) * bytes.unit() * 255 * (1 - 1e-5)) << r;
    }
  }
  EXPECT_EQ(heaviest, 63);
}

TEST(QuantisedScores, RoundedUpStandForNoLessThanTheScores) {
  const auto stand_for_no_less = [](const ScoreMatrix& scores) {
    const QuantisedScores bytes(scores, QuantisedScores::Rounding::kUp);
    for (int c = 0; c < scores.columns(); ++c) {
      for (int r = 0; r < scores.rows(); ++r) {
        const double step = bytes.unit() * bytes.weights()[r];
        const double score = static_cast<double>(scores.at(r, c));
        ASSERT_GE(step * bytes.column(c)[r], score * (1 - 1e-14)) << r << ", " << c;
        ASSERT_LE(step * bytes.column(c)[r], score + step * (1 + 1e-6)) << r << ", " << c;
      }
    }
  };
  for (const Scores kind : testing::kAllScores) {
    SCOPED_TRACE(testing::name_of(kind));
    stand_for_no_less(kernel_scores(kind, 200, 8, 5));
  }
  // Largest scores of rows at and around every weight's largest byte: a hair above it once became byte 256.
  ScoreMatrix edges(63 * 41, 1);
  for (int weight = 1; weight <= 63; ++weight) {
    for (int i = 0; i < 41; ++i) {
      edges.column(0)[41 * (weight - 1) + i] =
          std::min(static_cast<float>(weight * (1 + (i - 20) * 1e-6)), 63.0f);
    }
  }
  stand_for_no_less(edges);
}

TEST(QuantisedScores, SumsOverTallMatricesFit) {
  EXPECT_EQ(largest_byte(1), 255);
  EXPECT_EQ(largest_byte(100000), 255);
  constexpr int kRows = 400000;
  ScoreMatrix scores(kRows, 2);
  std::fill_n(scores.column(0), kRows, 1.0f);
  std::fill_n(scores.column(1), kRows, 0.5f);
  const QuantisedScores bytes(scores);
  const std::uint8_t* const column = bytes.column(0);
  std::int32_t sum = 0;
  max_plus_product_bytes(&column, 1, &column, 1, bytes.weights(), bytes.stride(), &sum, 1);
  EXPECT_NEAR(bytes.unit() * sum, kRows, 1e-3 * kRows);
}

TEST(QuantisedScores, PaddingIsZero) {
  for (const int rows : {1, 63, 64, 65, 130}) {
    const ScoreMatrix scores = kernel_scores(Scores::kUniform, rows, 5, 1);
    const QuantisedScores bytes(scores);
    ASSERT_EQ(bytes.stride() % kByteRowAlignment, 0u);
    ASSERT_GE(bytes.stride(), static_cast<std::size_t>(rows));
    for (auto r = static_cast<std::size_t>(rows); r < bytes.stride(); ++r) {
      EXPECT_EQ(bytes.weights()[r], 0) << r;
      for (int c = 0; c < 5; ++c) EXPECT_EQ(bytes.column(c)[r], 0) << r << ", " << c;
    }
  }
}

TEST(QuantisedScores, OfZerosAreZero) {
  const QuantisedScores bytes(kernel_scores(Scores::kAllZero, 70, 4, 1));
  EXPECT_GT(bytes.unit(), 0);
  for (int c = 0; c < 4; ++c) {
    EXPECT_TRUE(std::all_of(bytes.column(c), bytes.column(c) + bytes.stride(), [](int b) { return b == 0; }));
  }
}

class ByteKernels : public testing::KernelTest {};
NMPERM_ON_EVERY_BYTE_TARGET(ByteKernels);

// Quantising is monotone in a row, so it does not matter which comes first.
TEST_P(ByteKernels, ThresholdsAreBytesOfThresholds) {
  std::uint64_t seed = 0;
  for (const Pattern& pattern : testing::kernel_patterns()) {
    for (const int rows : {1, 17, 64, 100, 129}) {
      for (const Scores kind : {Scores::kUniform, Scores::kTies, Scores::kHeavyTail, Scores::kDominating}) {
        SCOPED_TRACE(pattern.str() + ", " + case_name(kind, rows));
        // The columns of the group but one, and as a further column their threshold.
        ScoreMatrix scores = kernel_scores(kind, rows, pattern.group, ++seed);
        const int last = pattern.group - 1;
        const auto columns = testing::columns_of(scores);
        slot_threshold(columns.data(), pattern, scores.stride(), scores.column(last));
        const QuantisedScores bytes(scores);
        std::vector<const std::uint8_t*> others;
        for (int c = 0; c < last; ++c) others.push_back(bytes.column(c));
        ScoreMatrix memory(static_cast<int>(bytes.stride()), 1);
        slot_threshold_bytes(others.data(), pattern, bytes.stride(), bytes_of(memory, 0));
        ASSERT_TRUE(std::equal(bytes.column(last), bytes.column(last) + bytes.stride(), bytes_of(memory, 0)));
      }
    }
  }
}

constexpr std::int32_t kUntouched = -7;

/// Expects the product of random bytes to be that of plain integers; `all_largest`: bytes 255, weights 63.
void expect_product(int m, int n, std::size_t rows, std::size_t more_stride, std::uint64_t seed,
                    bool all_largest = false) {
  SCOPED_TRACE("m " + std::to_string(m) + ", n " + std::to_string(n) + ", " + std::to_string(rows) +
               " rows, seed " + std::to_string(seed));
  Rng rng(seed);
  ScoreMatrix memory(static_cast<int>(rows), m + n);
  std::vector<const std::uint8_t*> columns;
  for (int c = 0; c < m + n; ++c) {
    std::uint8_t* const bytes = bytes_of(memory, c);
    columns.push_back(bytes);
    for (std::size_t r = 0; r < rows; ++r) {
      bytes[r] = static_cast<std::uint8_t>(all_largest ? 255 : rng.below(256));
    }
  }
  std::vector<std::int8_t> weights;
  for (std::size_t r = 0; r < rows; ++r) {
    weights.push_back(static_cast<std::int8_t>(all_largest ? 63 : rng.below(64)));
  }
  const std::size_t stride = static_cast<std::size_t>(n) + more_stride;
  std::vector<std::int32_t> w(static_cast<std::size_t>(m + 1) * stride, kUntouched);
  max_plus_product_bytes(columns.data(), static_cast<std::size_t>(m), columns.data() + m,
                         static_cast<std::size_t>(n), weights.data(), rows, w.data(), stride);
  std::vector<std::int32_t> expected(w.size(), kUntouched);
  for (std::size_t i = 0; i < static_cast<std::size_t>(m); ++i) {
    for (std::size_t j = 0; j < static_cast<std::size_t>(n); ++j) {
      std::int32_t sum = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        sum += weights[r] * std::max(columns[i][r], columns[static_cast<std::size_t>(m) + j][r]);
      }
      expected[i * stride + j] = sum;
    }
  }
  EXPECT_EQ(w, expected);
}

TEST_P(ByteKernels, ProductEqualsPlainIntegers) {
  EXPECT_TRUE(rc::check([] {
    expect_product(*rc::gen::inRange(1, 51), *rc::gen::inRange(1, 51),
                   64 * *rc::gen::inRange<std::size_t>(1, 12), *rc::gen::inRange<std::size_t>(0, 5),
                   testing::arbitrary_seed());
    RC_ASSERT(!::testing::Test::HasFailure());
  }));
}

TEST_P(ByteKernels, ProductAtTheEdgesOfTilesAndBlocks) {
  for (const int m : {1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65}) {
    for (const int n : {1, 3, 4, 5, 6, 7, 12, 63, 64, 65, 95, 96, 97}) expect_product(m, n, 64, 3, 1);
  }
}

// The sum of two products in 16 bits is what limits weights to six bits.
TEST_P(ByteKernels, ProductOfTheLargestDoesNotSaturate) {
  expect_product(3, 7, 2112, 0, 1, true);
}

TEST_P(ByteKernels, ProductOfQuantisedScoresOfAnyRows) {
  for (const int rows : testing::kernel_rows()) {
    SCOPED_TRACE(rows);
    const ScoreMatrix scores = kernel_scores(Scores::kHeavyTail, rows, 12, static_cast<std::uint64_t>(rows));
    const QuantisedScores bytes(scores);
    std::vector<const std::uint8_t*> columns;
    for (int c = 0; c < 12; ++c) columns.push_back(bytes.column(c));
    std::int32_t w[5][7];
    max_plus_product_bytes(columns.data(), 5, columns.data() + 5, 7, bytes.weights(), bytes.stride(),
                           &w[0][0], 7);
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t j = 0; j < 7; ++j) {
        std::int32_t sum = 0;
        for (int r = 0; r < rows; ++r) {  // what lies beyond the last row adds nothing
          sum += bytes.weights()[r] * std::max(columns[i][r], columns[5 + j][r]);
        }
        ASSERT_EQ(w[i][j], sum) << i << ", " << j;
      }
    }
  }
}

}  // namespace
}  // namespace nmperm
