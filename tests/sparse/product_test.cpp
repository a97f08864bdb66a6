// The fast product against the plain one, on every instruction set.
#include "sparse/product.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sparse/mask.h"
#include "sparse/reference_product.h"
#include "sparse/verify_product.h"
#include "tests/core/targets.h"
#include "tests/sparse/weights.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using testing::random_floats;
using testing::size_of_matrix;

constexpr float kUntouched = 12345.0f;

CompressedMatrix random_matrix(int rows, int columns, Pattern pattern = {2, 4}) {
  const auto weight = random_floats(size_of_matrix(rows, columns), 1);
  return prune_and_compress({weight, rows, columns}, pattern, identity_permutation(columns));
}

std::vector<float> multiply(const SparseProduct& product, const std::vector<float>& b, int n,
                            int threads = 1) {
  // Sentinels on both sides: the product writes its own elements and nothing else.
  const std::size_t size = size_of_matrix(product.rows(), n);
  std::vector<float> y(size + 2, kUntouched);
  ProductWorkspace workspace;
  product.multiply(b, n, std::span(y).subspan(1, size), workspace, threads);
  EXPECT_EQ(y.front(), kUntouched);
  EXPECT_EQ(y.back(), kUntouched);
  return {y.begin() + 1, y.end() - 1};
}

double error_of(const CompressedMatrix& matrix, int n, int threads = 1) {
  const auto b = random_floats(size_of_matrix(matrix.columns, n), 2);
  const auto dense = decompress(matrix);
  return product_error({dense, matrix.rows, matrix.columns}, b, n,
                       multiply(SparseProduct(matrix), b, n, threads));
}

class Product : public testing::KernelTest {};

TEST_P(Product, EveryShapeAndTail) {
  for (const int rows : {1, 2, 3, 17, 64}) {
    for (const int columns : {4, 8, 12, 60, 64, 68, 132}) {
      const CompressedMatrix matrix = random_matrix(rows, columns);
      for (const int n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 129}) {
        EXPECT_LE(error_of(matrix, n), 5e-7) << rows << " x " << columns << " x " << n;
      }
    }
  }
}

TEST_P(Product, ManyRowsAndColumns) {
  for (const int n : {1, 8, 19, 130}) {
    EXPECT_LE(error_of(random_matrix(513, 260), n), 5e-7) << n;
    EXPECT_LE(error_of(random_matrix(5, 4096), n), 5e-7) << n;
  }
}

TEST_P(Product, WholeNumbersAreExact) {
  const auto weight = testing::small_integers(size_of_matrix(70, 128), 3);
  const CompressedMatrix matrix = prune_and_compress({weight, 70, 128}, {2, 4}, identity_permutation(128));
  for (const int n : {1, 6, 16, 150}) {
    const auto b = testing::small_integers(size_of_matrix(128, n), 4);
    std::vector<float> expected(size_of_matrix(70, n));
    reference_product(matrix, b.data(), n, expected.data());
    EXPECT_EQ(multiply(SparseProduct(matrix), b, n), expected) << n;
  }
}

TEST_P(Product, ThreadsMakeNoDifference) {
  const SparseProduct product(random_matrix(600, 72));
  for (const int n : {1, 8, 40, 300}) {
    const auto b = random_floats(size_of_matrix(72, n), 5);
    const auto one = multiply(product, b, n, 1);
    EXPECT_EQ(multiply(product, b, n, 2), one) << n;
    EXPECT_EQ(multiply(product, b, n, 5), one) << n;
  }
}

TEST_P(Product, OneWorkspaceServesManyProducts) {
  ProductWorkspace workspace;
  for (const auto& [rows, columns, n] : {std::tuple{8, 64, 5}, {300, 128, 200}, {20, 8, 1}, {64, 64, 64}}) {
    const CompressedMatrix matrix = random_matrix(rows, columns);
    const auto b = random_floats(size_of_matrix(columns, n), 6);
    std::vector<float> y(size_of_matrix(rows, n));
    SparseProduct(matrix).multiply(b, n, y, workspace, 2);
    const auto dense = decompress(matrix);
    EXPECT_LE(product_error({dense, rows, columns}, b, n, y), 5e-7);
  }
}

TEST_P(Product, InfinityInBReachesOnlyTheRowsThatUseIt) {
  // Row 0 keeps columns 0 and 1, row 1 keeps 2 and 3.
  const std::vector<float> weight = {1, 2, 0, 0, 0, 0, 1, 2};
  const SparseProduct product(compress_pruned({weight, 2, 4}, {2, 4}));
  for (const int n : {1, 8, 20}) {
    std::vector<float> b(size_of_matrix(4, n), 1.0f);
    b[0] = std::numeric_limits<float>::infinity();
    const auto y = multiply(product, b, n);
    EXPECT_TRUE(std::isinf(y[0])) << n;
    EXPECT_EQ(y[static_cast<std::size_t>(n)], 3.0f) << n;
  }
}

NMPERM_ON_EVERY_TARGET(Product);

TEST(ProductOfOtherPatterns, IsThePlainOne) {
  for (const Pattern pattern : {Pattern{1, 2}, {1, 4}, {3, 4}, {4, 8}, {2, 6}, {7, 64}}) {
    const CompressedMatrix matrix = random_matrix(9, 3 * pattern.group, pattern);
    EXPECT_TRUE(SparseProduct(matrix).plan().tiles.empty());
    EXPECT_LE(error_of(matrix, 5), 1e-7) << pattern.str();
  }
}

TEST(ProductPlan, RefusesShapesThatDoNotFit) {
  for (const Pattern pattern : {Pattern{2, 4}, {1, 4}}) {
    const SparseProduct product(random_matrix(3, 8, pattern));
    ProductWorkspace workspace;
    std::vector<float> b(16), y(6);
    product.multiply(b, 2, y, workspace);
    const auto refusal = [&](int n, std::size_t size_b, std::size_t size_y, int threads) {
      b.resize(size_b);
      y.resize(size_y);
      return testing::refusal_of([&] { product.multiply(b, n, y, workspace, threads); });
    };
    EXPECT_THAT(refusal(2, 15, 6, 1), ::testing::HasSubstr("b: 15 values for 8 x 2"));
    EXPECT_THAT(refusal(2, 16, 7, 1), ::testing::HasSubstr("y: 7 values for 3 x 2"));
    EXPECT_THAT(refusal(0, 0, 0, 1), ::testing::HasSubstr("8 x 0"));
    EXPECT_THAT(refusal(2, 16, 6, 0), ::testing::HasSubstr("threads"));
  }
}

TEST(ProductPlan, RefusesAMatrixThatIsNotValid) {
  const CompressedMatrix bad{1, 4, {2, 4}, {1, 2}, {1, 1}};
  EXPECT_NE(testing::refusal_of([&] { SparseProduct product(bad); }), "");
}

}  // namespace
}  // namespace nmperm
