#include "sparse/verify_product.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/targets.h"
#include "tests/sparse/weights.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::random_floats;
using testing::refusal_of;
using testing::size_of_matrix;

class Verification : public testing::KernelTest {};

TEST_P(Verification, AcceptsAnyPermutation) {
  const auto weight = random_floats(size_of_matrix(70, 192), 1);
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Permutation permutation = testing::shuffled(Segments(192), seed);
    const double error = verify_sparse_product({weight, 70, 192}, permutation, {2, 4}, {.seed = seed});
    EXPECT_GT(error, 0);
    EXPECT_LE(error, kMaxProductError);
  }
}

TEST_P(Verification, LargeAndTinyWeightsNeitherOverflowNorVanish) {
  for (const float scale : {3e38f, 1e-38f, 1e-44f, 0.0f}) {
    auto weight = random_floats(size_of_matrix(12, 64), 2);
    for (std::size_t k = 0; k < weight.size(); ++k) weight[k] *= k % 3 == 0 ? scale : 1e-30f;
    EXPECT_LE(verify_sparse_product({weight, 12, 64}, testing::shuffled(Segments(64), 1), {2, 4}),
              kMaxProductError)
        << scale;
  }
}

NMPERM_ON_EVERY_TARGET(Verification);

RC_GTEST_PROP(VerificationOfPatterns, Holds, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const int rows = *rc::gen::inRange(1, 20), columns = pattern.group * *rc::gen::inRange(1, 20);
  const auto weight = random_floats(size_of_matrix(rows, columns), testing::arbitrary_seed());
  const Permutation permutation = testing::shuffled(Segments(columns), testing::arbitrary_seed());
  RC_ASSERT(verify_sparse_product({weight, rows, columns}, permutation, pattern,
                                  {.activations = *rc::gen::inRange(1, 40)}) <= kMaxProductError);
}

TEST(ProductError, MeasuresTheWorstElement) {
  const std::vector<float> pruned = {1, 0, 0, 2, 0, 0, -3, 1};
  const std::vector<float> b = {1, 1, 1, 1, 1, 1, 1, 1};
  const WeightView view{pruned, 2, 4};
  EXPECT_EQ(product_error(view, b, 2, std::vector<float>{3, 3, -2, -2}), 0);
  EXPECT_DOUBLE_EQ(product_error(view, b, 2, std::vector<float>{3, 3, -2, -1}), 0.25);
  EXPECT_DOUBLE_EQ(product_error(view, b, 2, std::vector<float>{2, 3, -2, -2}), 1.0 / 3);
}

TEST(ProductError, IsInfiniteWhereNothingWouldExplainIt) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<float> pruned = {1, 1, 0, 0, 0, 0, 0, 0};
  const std::vector<float> b = {1, 1, 1, 1};
  const WeightView view{pruned, 2, 4};
  EXPECT_EQ(product_error(view, b, 1, std::vector<float>{2, 1}), kInfinity);
  EXPECT_EQ(product_error(view, b, 1, std::vector<float>{std::nanf(""), 0}), kInfinity);
  EXPECT_EQ(product_error(view, b, 1, std::vector<float>{std::numeric_limits<float>::infinity(), 0}),
            kInfinity);
}

TEST(ProductError, RefusesShapesThatDoNotFit) {
  const std::vector<float> pruned(8, 1.0f), b(8), y(4);
  const WeightView view{pruned, 2, 4};
  product_error(view, b, 2, y);
  EXPECT_THAT(refusal_of([&] { product_error(view, b, 1, y); }), HasSubstr("8 and 4 values for 1 columns"));
  EXPECT_THAT(refusal_of([&] { product_error(view, b, 2, {}); }), HasSubstr("8 and 0 values"));
  EXPECT_THAT(refusal_of([&] { product_error({pruned, 3, 4}, b, 2, y); }), HasSubstr("3 x 4"));
}

TEST(VerificationOfWrongInput, IsRefused) {
  std::vector<float> weight(16, 1.0f);
  const Permutation same = identity_permutation(8);
  EXPECT_THAT(refusal_of([&] {
                verify_sparse_product({weight, 2, 8}, identity_permutation(4), {2, 4});
              }),
              HasSubstr("4 entries"));
  EXPECT_THAT(refusal_of([&] {
                verify_sparse_product({weight, 2, 8}, same, {2, 5});
              }),
              HasSubstr("8 columns"));
  EXPECT_THAT(refusal_of([&] {
                verify_sparse_product({weight, 2, 8}, same, {2, 4}, {.activations = 0});
              }),
              HasSubstr("activations"));
  weight[11] = std::nanf("");
  EXPECT_THAT(refusal_of([&] {
                verify_sparse_product({weight, 2, 8}, same, {2, 4});
              }),
              HasSubstr("row 1, column 3"));
}

}  // namespace
}  // namespace nmperm
