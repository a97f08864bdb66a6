// What the kernel tests share: sizes, patterns, and how far float32 sums may lie from the oracle.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/group_kernels.h"
#include "core/problem.h"
#include "tests/support/scores.h"

namespace nmperm::testing {

inline const std::vector<int>& kernel_rows() {
  static const std::vector<int> rows = {1,   2,   15,  16,  17,  31,   33,   47,   64,   65,   100,
                                        127, 255, 256, 257, 511, 1023, 1024, 1025, 1300, 2048, 2100};
  return rows;
}

inline const std::vector<Pattern>& kernel_patterns() {
  static const std::vector<Pattern> patterns = {{1, 2}, {2, 4}, {1, 4}, {3, 4},  {4, 8},
                                                {2, 8}, {2, 3}, {5, 6}, {8, 16}, {33, 64}};
  return patterns;
}

/// Rounding of a sum of `terms_a_row` nonnegative terms a row, in float32 within a block (one lane at worst):
/// n roundings of at most epsilon / 2 each, and some more for the sum over lanes.
inline double float_rounding(int rows, int terms_a_row) {
  const double n = std::min<double>(rows, static_cast<double>(kSumBlock)) * terms_a_row + 8;
  return n * static_cast<double>(std::numeric_limits<float>::epsilon()) / 2;
}

/// A kernel's value against the oracle's: equal where sums are exact, else within rounding of `magnitude`.
inline void expect_sum(double value, double oracle, Scores kind, double rounding, double magnitude) {
  if (sums_are_exact(kind)) {
    EXPECT_EQ(value, oracle);
  } else {
    EXPECT_NEAR(value, oracle, rounding * magnitude);
  }
}

inline std::vector<const float*> columns_of(const ScoreMatrix& scores) {
  std::vector<const float*> columns;
  for (int c = 0; c < scores.columns(); ++c) columns.push_back(scores.column(c));
  return columns;
}

/// Scores as kernels get them: those of a problem's search scores.
inline ScoreMatrix kernel_scores(Scores kind, int rows, int columns, std::uint64_t seed) {
  return Problem(random_scores(kind, rows, columns, seed), {1, columns}).search_scores().clone();
}

}  // namespace nmperm::testing
