#include "core/group_kernels.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/objective.h"
#include "tests/core/kernel_cases.h"
#include "tests/core/targets.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"

namespace nmperm {
namespace {

using testing::columns_of;
using testing::expect_sum;
using testing::float_rounding;
using testing::kernel_scores;
using testing::Scores;

/// A group's thresholds, as group_thresholds() writes them.
struct Thresholds {
  Thresholds(const ScoreMatrix& scores, const Pattern& pattern)
      : vectors(scores.rows(), pattern.group), self(static_cast<std::size_t>(pattern.group)) {
    std::vector<float*> out;
    for (int k = 0; k < pattern.group; ++k) out.push_back(vectors.column(k));
    kept = group_thresholds(columns_of(scores).data(), pattern, scores.stride(), out.data(), self.data());
  }

  ScoreMatrix vectors;
  std::vector<double> self;
  double kept;
};

using GroupKernels = testing::KernelTest;
NMPERM_ON_EVERY_TARGET(GroupKernels);

TEST_P(GroupKernels, KeptEqualsTheOracle) {
  std::uint64_t seed = 0;
  for (const Pattern& pattern : testing::kernel_patterns()) {
    const Permutation all = identity_permutation(pattern.group);
    for (const int rows : testing::kernel_rows()) {
      for (const Scores kind : {testing::kAllScores.begin()[seed % testing::kAllScores.size()],
                                Scores::kUniform, Scores::kIntegers}) {
        SCOPED_TRACE(pattern.str() + " " + std::to_string(rows) + " rows " + testing::name_of(kind));
        const ScoreMatrix scores = kernel_scores(kind, rows, pattern.group, ++seed);
        const double oracle = kept_of_group(scores, pattern, all.data());
        expect_sum(kept_of_columns(columns_of(scores).data(), pattern, scores.stride()), oracle, kind,
                   float_rounding(rows, pattern.keep), oracle);
      }
    }
  }
}

TEST_P(GroupKernels, ThresholdsAreTheNthLargestOfTheOthers) {
  std::uint64_t seed = 0;
  for (const Pattern& pattern : testing::kernel_patterns()) {
    for (const int rows : {1, 17, 100}) {
      for (const Scores kind : testing::kAllScores) {
        SCOPED_TRACE(pattern.str() + " " + std::to_string(rows) + " rows " + testing::name_of(kind));
        const ScoreMatrix scores = kernel_scores(kind, rows, pattern.group, ++seed);
        const Thresholds thresholds(scores, pattern);
        for (int k = 0; k < pattern.group; ++k) {
          for (int r = 0; r < rows; ++r) {
            std::vector<float> others;
            for (int c = 0; c < pattern.group; ++c) {
              if (c != k) others.push_back(scores.at(r, c));
            }
            std::sort(others.begin(), others.end(), std::greater<>());
            ASSERT_EQ(thresholds.vectors.at(r, k), others[static_cast<std::size_t>(pattern.keep - 1)])
                << "slot " << k << ", row " << r;
          }
        }
      }
    }
  }
}

TEST_P(GroupKernels, TheThresholdOfASlotIsThatOfItsGroup) {
  EXPECT_TRUE(rc::check("slot_threshold() of every slot", [] {
    const Pattern pattern = *rc::gen::oneOf(testing::arbitrary_pattern(16), testing::arbitrary_pattern(64));
    const ScoreMatrix scores = kernel_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 100),
                                             pattern.group, testing::arbitrary_seed());
    const Thresholds thresholds(scores, pattern);
    ScoreMatrix alone(scores.rows(), 1);
    for (int k = 0; k < pattern.group; ++k) {
      auto others = columns_of(scores);
      others.erase(others.begin() + k);
      slot_threshold(others.data(), pattern, scores.stride(), alone.column(0));
      for (int r = 0; r < scores.rows(); ++r) RC_ASSERT(alone.at(r, 0) == thresholds.vectors.at(r, k));
    }
  }));
}

TEST_P(GroupKernels, ReplacementIdentity) {
  EXPECT_TRUE(rc::check("the group with a column replaced keeps kept + replacement - self", [] {
    const Pattern pattern = *testing::arbitrary_pattern(16);
    const Scores kind = *testing::arbitrary_kind();
    const int rows = *rc::gen::oneOf(rc::gen::inRange(1, 70), rc::gen::inRange(1000, 1100));
    const ScoreMatrix scores = kernel_scores(kind, rows, pattern.group + 1, testing::arbitrary_seed());
    const int slot = *rc::gen::inRange(0, pattern.group);
    Permutation group = identity_permutation(pattern.group);
    const double before = kept_of_group(scores, pattern, group.data());
    group[static_cast<std::size_t>(slot)] = pattern.group;
    const double after = kept_of_group(scores, pattern, group.data());

    const Thresholds thresholds(scores, pattern);
    const double self = thresholds.self[static_cast<std::size_t>(slot)];
    const double entry =
        replacement(thresholds.vectors.column(slot), scores.column(pattern.group), scores.stride());
    const double own = replacement(thresholds.vectors.column(slot), scores.column(slot), scores.stride());
    const double rounding = testing::sums_are_exact(kind)
                                ? 0
                                : float_rounding(rows, pattern.keep) * (before + after + self + entry);
    RC_ASSERT(std::abs(thresholds.kept - before) <= rounding);
    RC_ASSERT(std::abs(own - self) <= rounding);
    RC_ASSERT(std::abs(thresholds.kept + entry - self - after) <= rounding);
  }));
}

TEST_P(GroupKernels, SwapReplacementIsTheChangeOfTheOracle) {
  EXPECT_TRUE(rc::check("two columns of different groups trade places", [] {
    const Pattern pattern = *testing::arbitrary_pattern();
    const Scores kind = *testing::arbitrary_kind();
    const int rows = *rc::gen::oneOf(rc::gen::inRange(1, 70), rc::gen::inRange(2000, 2100));
    const ScoreMatrix scores = kernel_scores(kind, rows, 2 * pattern.group, testing::arbitrary_seed());
    ScoreMatrix second(rows, pattern.group);
    for (int c = 0; c < pattern.group; ++c) {
      for (int r = 0; r < rows; ++r) second.at(r, c) = scores.at(r, pattern.group + c);
    }
    const Thresholds first_thresholds(scores, pattern), second_thresholds(second, pattern);
    const int i = *rc::gen::inRange(0, pattern.group), j = *rc::gen::inRange(0, pattern.group);
    Permutation order = identity_permutation(scores.columns());
    const double before = kept_magnitude(scores, pattern, order);
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(pattern.group + j)]);
    const double after = kept_magnitude(scores, pattern, order);

    const double swapped = swap_replacement(first_thresholds.vectors.column(i), scores.column(i),
                                            second_thresholds.vectors.column(j),
                                            scores.column(pattern.group + j), scores.stride());
    const double self = first_thresholds.self[static_cast<std::size_t>(i)] +
                        second_thresholds.self[static_cast<std::size_t>(j)];
    const double rounding = testing::sums_are_exact(kind) ? 0 : float_rounding(rows, 2) * (swapped + self);
    RC_ASSERT(std::abs(swapped - self - (after - before)) <= rounding + 1e-12 * (before + after));
  }));
}

TEST_P(GroupKernels, RunOnTheLanesOfTheTarget) {
  const ScoreMatrix scores = testing::lane_witness(4);
  const double expected = testing::sum_of_witness(testing::target_lanes(GetParam()));
  const float *const a = scores.column(0), *const zero = scores.column(1);
  EXPECT_EQ(kept_of_columns(columns_of(scores).data(), {1, 4}, scores.stride()), expected);
  EXPECT_EQ(kept_of_columns(columns_of(scores).data(), {2, 4}, scores.stride()), expected);
  EXPECT_EQ(Thresholds(scores, {2, 4}).kept, expected);
  EXPECT_EQ(replacement(zero, a, scores.stride()), expected);
  EXPECT_EQ(swap_replacement(zero, zero, zero, a, scores.stride()), expected);
}

}  // namespace
}  // namespace nmperm
