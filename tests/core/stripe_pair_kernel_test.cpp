#include "core/stripe_pair_kernel.h"

#include <algorithm>
#include <array>
#include <set>

#include <gtest/gtest.h>

#include "core/objective.h"
#include "tests/core/kernel_cases.h"
#include "tests/core/targets.h"

namespace nmperm {
namespace {

using testing::Scores;
using Kept = std::array<double, kStripePairArrangements>;

Kept kept_by_kernel(const ScoreMatrix& scores) {
  Kept kept;
  stripe_pair_kept(testing::columns_of(scores).data(), scores.stride(), kept.data());
  return kept;
}

TEST(StripePairArrangements, AreAllSplitsOfEightColumns) {
  std::set<std::set<int>> firsts;
  for (const StripePairArrangement& arrangement : stripe_pair_arrangements()) {
    EXPECT_EQ(arrangement[0], 0);
    EXPECT_EQ((std::set<int>(arrangement.begin(), arrangement.end())),
              (std::set<int>{0, 1, 2, 3, 4, 5, 6, 7}));
    firsts.emplace(arrangement.begin(), arrangement.begin() + 4);
  }
  EXPECT_EQ(firsts.size(), 35u);
  EXPECT_EQ(stripe_pair_arrangements()[0], (StripePairArrangement{0, 1, 2, 3, 4, 5, 6, 7}));
}

using StripePairKernel = testing::KernelTest;
NMPERM_ON_EVERY_TARGET(StripePairKernel);

TEST_P(StripePairKernel, EqualsTheOracleInEveryArrangement) {
  std::uint64_t seed = 0;
  for (const int rows : testing::kernel_rows()) {
    for (const Scores kind : testing::kAllScores) {
      const ScoreMatrix scores = testing::kernel_scores(kind, rows, 8, ++seed);
      const Kept kept = kept_by_kernel(scores);
      for (std::size_t a = 0; a < kept.size(); ++a) {
        SCOPED_TRACE(std::to_string(rows) + " rows " + testing::name_of(kind) + " arrangement " +
                     std::to_string(a));
        const StripePairArrangement& order = stripe_pair_arrangements()[a];
        const double oracle = kept_magnitude(scores, {2, 4}, Permutation(order.begin(), order.end()));
        testing::expect_sum(kept[a], oracle, kind, testing::float_rounding(rows, 4), oracle);
      }
    }
  }
}

TEST_P(StripePairKernel, RunsOnTheLanesOfTheTarget) {
  const double expected = testing::sum_of_witness(testing::target_lanes(GetParam()));
  for (const double kept : kept_by_kernel(testing::lane_witness(8))) EXPECT_EQ(kept, expected);
}

}  // namespace
}  // namespace nmperm
