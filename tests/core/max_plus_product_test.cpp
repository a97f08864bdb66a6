#include "core/max_plus_product.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/kernel_cases.h"
#include "tests/core/targets.h"
#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

using testing::columns_of;
using testing::expect_sum;
using testing::float_rounding;
using testing::Scores;

constexpr float kUntouched = -7;

/// Expects w = thresholds (max,+) columns, and what lies between n and the stride as it was.
void expect_product(Scores kind, int m, int n, int rows, std::size_t more_stride, std::uint64_t seed) {
  SCOPED_TRACE(testing::name_of(kind) + ", m " + std::to_string(m) + ", n " + std::to_string(n) + ", " +
               std::to_string(rows) + " rows, seed " + std::to_string(seed));
  const int columns = (m + n + 1) / 2 * 2;
  const Problem problem(testing::random_scores(kind, rows, columns, seed), {1, 2});
  const ScoreMatrix& both = problem.search_scores();
  const auto pointers = columns_of(both);
  const std::size_t stride = static_cast<std::size_t>(n) + more_stride;
  std::vector<float> w(static_cast<std::size_t>(m + 1) * stride, kUntouched);
  max_plus_product(pointers.data(), static_cast<std::size_t>(m), pointers.data() + m,
                   static_cast<std::size_t>(n), both.stride(), w.data(), stride);
  // Sums of blocks are added up in float32 here.
  const double rounding = float_rounding(rows, 1) + 3 * double{std::numeric_limits<float>::epsilon()};
  for (int i = 0; i <= m; ++i) {
    for (std::size_t j = 0; j < stride; ++j) {
      const float value = w[static_cast<std::size_t>(i) * stride + j];
      if (i == m || j >= static_cast<std::size_t>(n)) {
        ASSERT_EQ(value, kUntouched) << i << ", " << j;
        continue;
      }
      double sum = 0;
      for (int r = 0; r < rows; ++r) {
        sum += static_cast<double>(std::max(both.at(r, i), both.at(r, m + static_cast<int>(j))));
      }
      expect_sum(static_cast<double>(value), sum, kind, rounding, sum);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

using MaxPlusProduct = testing::KernelTest;
NMPERM_ON_EVERY_TARGET(MaxPlusProduct);

TEST_P(MaxPlusProduct, EqualsThePlainLoop) {
  EXPECT_TRUE(rc::check([] {
    const int m = *rc::gen::inRange(1, 51), n = *rc::gen::inRange(1, 51);
    const int rows = *rc::gen::oneOf(rc::gen::inRange(1, 70), rc::gen::inRange(1, 2101));
    expect_product(*testing::arbitrary_kind(), m, n, rows, *rc::gen::inRange<std::size_t>(0, 5),
                   testing::arbitrary_seed());
    RC_ASSERT(!::testing::Test::HasFailure());
  }));
}

// Tiles of 2 x 4 and 4 x 6 and their blocks of sixteen.
TEST_P(MaxPlusProduct, AtTheEdgesOfTilesAndBlocks) {
  for (const int m : {1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65}) {
    for (const int n : {1, 3, 4, 5, 6, 7, 12, 63, 64, 65, 95, 96, 97}) {
      expect_product(Scores::kIntegers, m, n, 17, 3, 1);
    }
  }
}

TEST_P(MaxPlusProduct, AtTheEdgesOfBlocksOfRows) {
  for (const int rows : testing::kernel_rows()) {
    for (const Scores kind : {Scores::kIntegers, Scores::kUniform}) expect_product(kind, 5, 7, rows, 1, 2);
  }
}

TEST_P(MaxPlusProduct, RunsOnTheLanesOfTheTarget) {
  const ScoreMatrix scores = testing::lane_witness(2);
  const float *const column = scores.column(0), *const zero = scores.column(1);
  float w = 0;
  max_plus_product(&zero, 1, &column, 1, scores.stride(), &w, 1);
  EXPECT_EQ(w, static_cast<float>(testing::sum_of_witness(testing::target_lanes(GetParam()))));
}

}  // namespace
}  // namespace nmperm
