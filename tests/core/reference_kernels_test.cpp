#include "core/reference_kernels.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <omp.h>

#include "core/objective.h"
#include "tests/core/kernel_cases.h"
#include "tests/core/targets.h"
#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

using testing::random_scores;
using testing::Scores;

/// Bit for bit: what is reported is the oracle's, whatever computes it.
void expect_the_oracle(const ScoreMatrix& scores, const Pattern& pattern, std::uint64_t seed) {
  const Permutation permutation = testing::shuffled(Segments(scores.columns()), seed);
  const Magnitude oracle = oracle_magnitude(scores, pattern, permutation);
  const Magnitude magnitude = reference_magnitude(scores, pattern);
  EXPECT_EQ(magnitude.total, oracle.total);
  EXPECT_EQ(magnitude.default_kept, oracle.default_kept);
  EXPECT_EQ(magnitude.kept, oracle.default_kept);
  EXPECT_EQ(magnitude.row_bound, oracle.row_bound);
  EXPECT_EQ(kept_magnitude(scores, pattern, permutation), oracle.kept);
}

using ReferenceKernels = testing::KernelTest;
NMPERM_ON_EVERY_TARGET(ReferenceKernels);

TEST_P(ReferenceKernels, EqualTheOracleBitForBit) {
  std::uint64_t seed = 0;
  for (const Pattern& pattern : testing::kernel_patterns()) {
    for (const Scores kind : testing::kAllScores) {
      ++seed;
      const int rows = testing::kernel_rows()[seed % testing::kernel_rows().size()];
      const int columns = pattern.group * (1 + static_cast<int>(seed % 7));
      SCOPED_TRACE(pattern.str() + " " + std::to_string(rows) + " rows " + testing::name_of(kind));
      expect_the_oracle(random_scores(kind, rows, columns, seed), pattern, seed);
    }
  }
}

TEST_P(ReferenceKernels, TakeTheSmallestTheLargestAndNegativeZero) {
  const float largest = std::numeric_limits<float>::max(), least = std::numeric_limits<float>::denorm_min();
  expect_the_oracle(testing::scores_of_rows({{-0.0f, largest, least, largest, 0, -0.0f, least, 1},
                                             {-0.0f, -0.0f, -0.0f, 0, 0, 0, 0, 0},
                                             {least, least, least, least, 0, 0, 0, -0.0f},
                                             {largest, largest, largest, largest, largest, largest, 1, 0}}),
                    {2, 4}, 1);
}

TEST_P(ReferenceKernels, TellOfScoresThatAreNone) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  for (const int rows : {1, 20, 100}) {
    ScoreMatrix scores = random_scores(Scores::kUniform, rows, 12, 1);
    const ReferenceFigures figures = reference_figures(scores, {2, 4});
    EXPECT_EQ(figures.lowest, 0) << "that of the padding, or none below it";
    EXPECT_GT(figures.highest, 0);
    EXPECT_LE(figures.highest, 1);
    for (const float bad : {kInfinity, -kInfinity, kNaN}) {
      scores.at(rows - 1, 7) = bad;
      EXPECT_FALSE(std::isfinite(reference_figures(scores, {2, 4}).magnitude.total)) << bad;
    }
    scores.at(rows - 1, 7) = -std::numeric_limits<float>::denorm_min();
    EXPECT_LT(reference_figures(scores, {2, 4}).lowest, 0);
    scores.at(rows - 1, 7) = 5;
    EXPECT_EQ(reference_figures(scores, {2, 4}).highest, 5);
  }
}

TEST(ReferenceKernels, GiveTheSameForAnyNumberOfThreads) {
  const int before = omp_get_max_threads();
  const ScoreMatrix scores = random_scores(Scores::kHeavyTail, 1100, 1000, 1);  // large enough for threads
  for (const int threads : {1, 2, 7}) {
    omp_set_num_threads(threads);
    expect_the_oracle(scores, {2, 4}, 5);
  }
  omp_set_num_threads(before);
}

}  // namespace
}  // namespace nmperm
