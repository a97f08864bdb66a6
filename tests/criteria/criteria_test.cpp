// Every criterion against small cases computed by hand, and what holds between them.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "criteria/activation_criteria.h"
#include "criteria/criterion.h"
#include "criteria/curvature_criteria.h"
#include "criteria/weight_criteria.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"
#include "tests/support/scores.h"

namespace nmperm::testing {
namespace {

using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Rows (1, -2) and (3, 4).
ScoreMatrix weights() {
  return scores_of_rows({{1, -2}, {3, 4}});
}

LayerStatistics with_norms(std::vector<double> norms) {
  LayerStatistics statistics;
  statistics.norms = std::move(norms);
  return statistics;
}

LayerStatistics with_hessian(std::vector<double> values, bool full) {
  LayerStatistics statistics;
  statistics.hessian = {full, std::move(values)};
  return statistics;
}

void expect_scores(const ScoreMatrix& scores, const std::vector<std::vector<double>>& expected) {
  ASSERT_EQ(static_cast<std::size_t>(scores.rows()), expected.size());
  for (int r = 0; r < scores.rows(); ++r) {
    for (int c = 0; c < scores.columns(); ++c) {
      const double value = expected[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)];
      EXPECT_NEAR(static_cast<double>(scores.at(r, c)), value, 1e-6 * std::fabs(value)) << r << ", " << c;
    }
  }
}

TEST(Criteria, OfTheWeightAlone) {
  expect_scores(magnitude(weights()), {{1, 2}, {3, 4}});
  expect_scores(squared(weights()), {{1, 4}, {9, 16}});
}

TEST(Criteria, SnipIsTheProductWithTheGradient) {
  LayerStatistics statistics;
  statistics.gradient = scores_of_rows({{-10, 0.5}, {0, 2}});
  expect_scores(snip(weights(), statistics), {{10, 1}, {0, 8}});
}

TEST(Criteria, WandaWeighsColumnsByTheirNorms) {
  expect_scores(wanda(weights(), with_norms({2, 0.5})), {{2, 1}, {6, 2}});
}

TEST(Criteria, RiaIsRelativeToRowAndColumn) {
  // Row sums 3 and 7, column sums 4 and 6, norms 4 and 9 with the exponent 0.5.
  expect_scores(ria(weights(), with_norms({4, 9})), {{2 * (1.0 / 3 + 1.0 / 4), 3 * (2.0 / 3 + 2.0 / 6)},
                                                     {2 * (3.0 / 7 + 3.0 / 4), 3 * (4.0 / 7 + 4.0 / 6)}});
  expect_scores(ria(weights(), with_norms({4, 9}), 0),
                {{1.0 / 3 + 1.0 / 4, 2.0 / 3 + 2.0 / 6}, {3.0 / 7 + 3.0 / 4, 4.0 / 7 + 4.0 / 6}});
}

TEST(Criteria, RiaOfZeroRowsAndColumnsIsZero) {
  expect_scores(ria(scores_of_rows({{0, 0}, {0, 2}}), with_norms({1, 1})), {{0, 0}, {0, 2}});
}

TEST(Criteria, OptimalBrainDamageTakesTheDiagonal) {
  expect_scores(optimal_brain_damage(weights(), with_hessian({4, 1}, false)), {{2, 2}, {18, 8}});
  expect_scores(optimal_brain_damage(weights(), with_hessian({4, 7, 7, 1}, true)), {{2, 2}, {18, 8}});
}

TEST(Criteria, OptimalBrainSurgeonInvertsTheHessian) {
  // The inverse of [2 1; 1 3] is [3 -1; -1 2] / 5: w^2 / (2 * 3/5), w^2 / (2 * 2/5).
  const auto statistics = with_hessian({2, 1, 1, 3}, true);
  expect_scores(optimal_brain_surgeon(weights(), statistics, 0), {{1 / 1.2, 4 / 0.8}, {9 / 1.2, 16 / 0.8}});
  // Damping adds 0.5 * 2.5 to the diagonal: [3.25 1; 1 4.25], of determinant 12.8125.
  const double d = 12.8125;
  expect_scores(optimal_brain_surgeon(weights(), statistics, 0.5),
                {{d / 2 / 4.25, 4 * d / 2 / 3.25}, {9 * d / 2 / 4.25, 16 * d / 2 / 3.25}});
}

TEST(Criteria, GroupsOfAConvolutionHaveChannelsOfTheirOwn) {
  // Two groups of one output channel each, two input channels per group.
  expect_scores(wanda(weights(), with_norms({1, 10, 100, 1000})), {{1, 20}, {300, 4000}});
  expect_scores(optimal_brain_damage(weights(), with_hessian({2, 4, 6, 8}, false)), {{1, 8}, {27, 64}});
  expect_scores(optimal_brain_surgeon(weights(), with_hessian({2, 0, 0, 4, 6, 0, 0, 8}, true), 0),
                {{1, 8}, {27, 64}});
  // Column sums are those of the one row of each group.
  expect_scores(ria(weights(), with_norms({1, 1, 1, 1})),
                {{1.0 / 3 + 1, 2.0 / 3 + 1}, {3.0 / 7 + 1, 4.0 / 7 + 1}});
}

ScoreMatrix arbitrary_weights() {
  const int rows = *rc::gen::inRange(1, 12), columns = *rc::gen::inRange(1, 12);
  ScoreMatrix weights = random_scores(Scores::kUniform, rows, columns, arbitrary_seed());
  for (int c = 0; c < columns; c += 2) weights.at(0, c) = -weights.at(0, c);
  return weights;
}

void require_equal(const ScoreMatrix& a, const ScoreMatrix& b, double tolerance) {
  for (int r = 0; r < a.rows(); ++r) {
    for (int c = 0; c < a.columns(); ++c) {
      const double x = static_cast<double>(a.at(r, c)), y = static_cast<double>(b.at(r, c));
      RC_ASSERT(std::fabs(x - y) <= tolerance * std::fabs(y));
    }
  }
}

std::vector<double> arbitrary_positive(int count) {
  std::vector<double> values;
  Rng rng(arbitrary_seed());
  for (int i = 0; i < count; ++i) values.push_back(0.1 + rng.uniform());
  return values;
}

RC_GTEST_PROP(CriteriaProperties, UnitNormsMakeWandaTheMagnitude, ()) {
  const ScoreMatrix w = arbitrary_weights();
  const std::vector<double> ones(static_cast<std::size_t>(w.columns()), 1.0);
  require_equal(wanda(w.clone(), with_norms(ones)), magnitude(w.clone()), 0);
}

RC_GTEST_PROP(CriteriaProperties, ADiagonalHessianMakesBrainSurgeryBrainDamage, ()) {
  const ScoreMatrix w = arbitrary_weights();
  const auto n = static_cast<std::size_t>(w.columns());
  const std::vector<double> diagonal = arbitrary_positive(w.columns());
  std::vector<double> full(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) full[i * n + i] = diagonal[i];
  const ScoreMatrix damage = optimal_brain_damage(w.clone(), with_hessian(diagonal, false));
  require_equal(optimal_brain_surgeon(w.clone(), with_hessian(full, true), 0), damage, 1e-6);
  require_equal(optimal_brain_surgeon(w.clone(), with_hessian(diagonal, false), 0), damage, 1e-6);
}

RC_GTEST_PROP(CriteriaProperties, WandaIsTheRootOfBrainDamage, ()) {
  // H_cc / 2 = n_c^2 where n_c is the norm of one sample.
  const ScoreMatrix w = arbitrary_weights();
  const std::vector<double> norms = arbitrary_positive(w.columns());
  std::vector<double> diagonal;
  for (const double norm : norms) diagonal.push_back(2 * norm * norm);
  require_equal(squared(wanda(w.clone(), with_norms(norms))),
                optimal_brain_damage(w.clone(), with_hessian(diagonal, false)), 1e-6);
}

RC_GTEST_PROP(CriteriaProperties, ScoresMoveWithTheChannels, ()) {
  const ScoreMatrix w = arbitrary_weights();
  const std::vector<double> norms = arbitrary_positive(w.columns());
  const Permutation order = shuffled(Segments(w.columns()), arbitrary_seed());
  ScoreMatrix moved(w.rows(), w.columns());
  std::vector<double> moved_norms;
  for (int i = 0; i < w.columns(); ++i) {
    const int from = order[static_cast<std::size_t>(i)];
    for (int r = 0; r < w.rows(); ++r) moved.at(r, i) = w.at(r, from);
    moved_norms.push_back(norms[static_cast<std::size_t>(from)]);
  }
  const ScoreMatrix before = ria(w.clone(), with_norms(norms)),
                    after = ria(std::move(moved), with_norms(moved_norms));
  for (int i = 0; i < w.columns(); ++i) {
    for (int r = 0; r < w.rows(); ++r) {
      const double x = static_cast<double>(before.at(r, order[static_cast<std::size_t>(i)]));
      RC_ASSERT(std::fabs(static_cast<double>(after.at(r, i)) - x) <= 1e-6 * x);
    }
  }
}

TEST(CriteriaFaults, StatisticsThatDoNotFit) {
  EXPECT_THAT(refusal_of([] { wanda(weights(), {}); }), HasSubstr("describes 0 input channels"));
  EXPECT_THAT(refusal_of([] { wanda(weights(), with_norms({1, 2, 3})); }), HasSubstr("expected 2"));
  EXPECT_THAT(refusal_of([] {
                ria(weights(), with_norms({1, 2, 3, 4, 5, 6}));
              }),
              HasSubstr("describes 6 input channels"));
  EXPECT_THAT(refusal_of([] { optimal_brain_damage(weights(), with_hessian({1}, false)); }),
              HasSubstr("describes 1 input channels"));
  EXPECT_THAT(refusal_of([] { snip(weights(), {}); }), HasSubstr("no gradient"));
  EXPECT_THAT(refusal_of([] {
                LayerStatistics statistics;
                statistics.gradient = ScoreMatrix(2, 3);
                snip(weights(), statistics);
              }),
              HasSubstr("expected 2 rows x 2 columns"));
}

TEST(CriteriaFaults, NumbersThatAreNone) {
  EXPECT_THAT(refusal_of([] { wanda(weights(), with_norms({1, -2})); }), HasSubstr("element 1"));
  EXPECT_THAT(refusal_of([] { wanda(weights(), with_norms({kNan, 2})); }), HasSubstr("the norm is nan"));
  EXPECT_THAT(refusal_of([] {
                optimal_brain_damage(weights(), with_hessian({1, -1}, false));
              }),
              HasSubstr("is negative"));
  EXPECT_THAT(refusal_of([] {
                optimal_brain_damage(weights(), with_hessian({1, kNan}, false));
              }),
              HasSubstr("is not finite"));
  EXPECT_THAT(refusal_of([] {
                LayerStatistics statistics;
                statistics.gradient = scores_of_rows({{1, 2}, {3, kNan}});
                snip(weights(), statistics);
              }),
              HasSubstr("row 1, column 1"));
}

TEST(CriteriaFaults, HessiansWithoutAnInverse) {
  EXPECT_THAT(refusal_of([] {
                optimal_brain_surgeon(weights(), with_hessian({0, 0}, false));
              }),
              HasSubstr("singular"));
  EXPECT_THAT(refusal_of([] {
                optimal_brain_surgeon(weights(), with_hessian({1, 1, 1, 1}, true), 0);
              }),
              HasSubstr("not positive definite"));
  EXPECT_THAT(refusal_of([] {
                optimal_brain_surgeon(weights(), with_hessian({1, 0, 5, 1}, true));
              }),
              HasSubstr("symmetric"));
  // Damping makes a finite score of a channel that never was active.
  const ScoreMatrix scores = optimal_brain_surgeon(weights(), with_hessian({1, 0}, false));
  EXPECT_GT(scores.at(0, 0), scores.at(0, 1));
  EXPECT_GT(scores.at(0, 1), 0);
}

TEST(CriteriaList, KnowsEveryNameAndItsStatistics) {
  LayerStatistics all = with_norms({4, 9});
  all.hessian = {true, {2, 1, 1, 3}};
  all.gradient = scores_of_rows({{1, 1}, {1, 1}});
  for (const CriterionInfo& info : all_criteria()) {
    const ScoreMatrix scores = Criterion(info.name).score(weights(), all);
    EXPECT_GT(scores.at(1, 1), scores.at(0, 0)) << info.name;
    if (info.statistic != Statistic::kNone) {
      EXPECT_NE(refusal_of([&] { Criterion(info.name).score(weights(), {}); }), "") << info.name;
    }
  }
  EXPECT_TRUE(Criterion().is_magnitude());
  EXPECT_FALSE(Criterion("squared").is_magnitude());
  EXPECT_THAT(refusal_of([] { Criterion("wnada"); }),
              HasSubstr("magnitude, squared, obd, obs, snip, wanda, ria"));
  EXPECT_THAT(refusal_of([] { Criterion("ria", {{"exponnt", "1"}}); }), HasSubstr("exponent"));
  EXPECT_THAT(refusal_of([] { Criterion("ria", {{"exponent", "-1"}}); }), HasSubstr("exponent"));
}

TEST(CriteriaList, OptionsReachTheFunctions) {
  expect_scores(Criterion("ria", {{"exponent", "1"}}).score(weights(), with_norms({4, 9})),
                {{4 * (1.0 / 3 + 1.0 / 4), 9 * (2.0 / 3 + 2.0 / 6)},
                 {4 * (3.0 / 7 + 3.0 / 4), 9 * (4.0 / 7 + 4.0 / 6)}});
  expect_scores(Criterion("obs", {{"damping", "0"}}).score(weights(), with_hessian({2, 4}, false)),
                {{1, 8}, {9, 32}});
}

}  // namespace
}  // namespace nmperm::testing
