// The product on sparse tensor cores: with the emulated driver everywhere, with a real one where there is
// one. A program of its own, since the driver is what the dynamic linker finds: NMPERM_TEST_GPU=required says
// that there must be one.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sparse/mask.h"
#include "sparse/tensor_core_kernel.h"
#include "sparse/tensor_core_product.h"
#include "sparse/verify_tensor_cores.h"
#include "tests/sparse/weights.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::refusal_of;
using testing::size_of_matrix;

struct Shape {
  int rows, columns, n;
};

/// One block, less than one, and tails in every direction.
constexpr Shape kShapes[] = {{32, 128, 16}, {1, 4, 1},    {16, 32, 8},  {33, 64, 17}, {31, 36, 15},
                             {70, 100, 19}, {17, 68, 40}, {5, 132, 33}, {64, 256, 1}, {48, 60, 8}};

class TensorCores : public ::testing::Test {
 protected:
  void SetUp() override {
    if (opened_.gpu != nullptr) return;
    if (std::getenv("NMPERM_TEST_GPU") != nullptr) FAIL() << opened_.reason;
    GTEST_SKIP() << "no GPU with sparse tensor cores: " << opened_.reason;
  }
  const Gpu& gpu() const { return *opened_.gpu; }

 private:
  OpenedGpu opened_ = Gpu::open();
};

StoredWeight stored_weight(const std::vector<float>& dense, int rows, int columns, ValueType type) {
  return store(prune_and_compress({dense, rows, columns}, {2, 4}, identity_permutation(columns)), type);
}

std::vector<float> plain_product(const std::vector<float>& a, const std::vector<float>& b,
                                 const Shape& shape) {
  std::vector<float> y(size_of_matrix(shape.rows, shape.n));
  for (int r = 0; r < shape.rows; ++r) {
    for (int c = 0; c < shape.columns; ++c) {
      for (int j = 0; j < shape.n; ++j) {
        y[size_of_matrix(r, shape.n) + static_cast<std::size_t>(j)] +=
            a[size_of_matrix(r, shape.columns) + static_cast<std::size_t>(c)] *
            b[size_of_matrix(c, shape.n) + static_cast<std::size_t>(j)];
      }
    }
  }
  return y;
}

TEST_F(TensorCores, SumsOfSmallIntegersAreExact) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(std::to_string(shape.rows) + " x " + std::to_string(shape.columns));
    const auto dense = testing::small_integers(size_of_matrix(shape.rows, shape.columns), 1);
    const auto b = testing::small_integers(size_of_matrix(shape.columns, shape.n), 2);
    for (const ValueType type : {ValueType::kF16, ValueType::kBF16}) {
      const StoredWeight a = stored_weight(dense, shape.rows, shape.columns, type);
      EXPECT_EQ(tensor_core_product(gpu(), a, b, shape.n), plain_product(decompress(restore(a)), b, shape))
          << to_string(type);
    }
  }
}

TEST_F(TensorCores, SumsOfBytesAreExact) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(std::to_string(shape.rows) + " x " + std::to_string(shape.columns));
    const auto dense = testing::random_floats(size_of_matrix(shape.rows, shape.columns), 3);
    StoredWeight a = stored_weight(dense, shape.rows, shape.columns, ValueType::kI8);
    const auto b = testing::small_integers(size_of_matrix(shape.columns, shape.n), 4);
    const std::vector<std::int8_t> integers(b.begin(), b.end());
    const std::vector<std::int32_t> sums = tensor_core_sums(gpu(), a, integers, shape.n);
    std::fill(a.scales.begin(), a.scales.end(), 1.0f);  // sums below 2^24: float32 is exact too
    const std::vector<float> exact = plain_product(decompress(restore(a)), b, shape);
    EXPECT_EQ(std::vector<float>(sums.begin(), sums.end()), exact);
  }
}

TEST_F(TensorCores, ExtremeBytesKeepTheirSigns) {
  StoredWeight a = stored_weight(std::vector<float>(size_of_matrix(16, 64), 1.0f), 16, 64, ValueType::kI8);
  std::fill(a.values.begin(), a.values.end(), std::byte{0x80});
  EXPECT_THAT(tensor_core_sums(gpu(), a, std::vector<std::int8_t>(64, -128), 1),
              ::testing::Each(32 * 128 * 128));
  EXPECT_THAT(tensor_core_sums(gpu(), a, std::vector<std::int8_t>(64, 127), 1),
              ::testing::Each(-32 * 128 * 127));
}

TEST_F(TensorCores, ProductOfBytesIsScaled) {
  const Shape shape{40, 64, 5};
  const auto dense = testing::random_floats(size_of_matrix(shape.rows, shape.columns), 5);
  const auto b = testing::random_floats(size_of_matrix(shape.columns, shape.n), 6);
  const StoredWeight a = stored_weight(dense, shape.rows, shape.columns, ValueType::kI8);
  const auto y = tensor_core_product(gpu(), a, b, shape.n);
  const auto exact = plain_product(decompress(restore(a)), b, shape);
  // b is rounded to steps of 1 / 127: each of 32 products is off by half of one at most.
  for (std::size_t k = 0; k < y.size(); ++k) EXPECT_NEAR(y[k], exact[k], 32 * 0.5 / 127) << k;
}

TEST_F(TensorCores, OneWrongCodeIsSeen) {
  const Shape shape{32, 128, 16};
  const auto dense = testing::random_floats(size_of_matrix(shape.rows, shape.columns), 7);
  for (const ValueType type : {ValueType::kF16, ValueType::kBF16}) {
    const StoredWeight a = stored_weight(dense, shape.rows, shape.columns, type);
    const auto b = testing::small_integers(size_of_matrix(shape.columns, shape.n), 8);
    const auto weight = decompress(restore(a));
    const WeightView view{weight, shape.rows, shape.columns};
    EXPECT_LE(product_error(view, b, shape.n, tensor_core_product(gpu(), a, b, shape.n)), 1e-6);
    for (const std::size_t k : {0U, 100U, 511U}) {
      StoredWeight wrong = a;
      // Kept 1100 becomes 0011, all others 1100.
      const bool low_is_first = std::to_integer<int>(a.indices[k] & std::byte{0xf}) == 0x4;
      wrong.indices[k] =
          (a.indices[k] & std::byte{0xf0}) | std::byte{low_is_first ? std::uint8_t{0xe} : std::uint8_t{4}};
      EXPECT_GT(product_error(view, b, shape.n, tensor_core_product(gpu(), wrong, b, shape.n)), 1e-4) << k;
    }
  }
}

TEST_F(TensorCores, ProveAnyPermutation) {
  const auto weight = testing::random_floats(size_of_matrix(70, 192), 9);
  const Permutation permutation = testing::shuffled(Segments(192), 1);
  const auto mask = magnitude_mask({weight, 70, 192}, {2, 4}, permutation);
  for (const ValueType type : {ValueType::kF16, ValueType::kBF16, ValueType::kI8}) {
    const double error = verify_tensor_cores(gpu(), type, {weight, 70, 192}, permutation, {2, 4}, mask);
    EXPECT_LE(error, max_tensor_core_error(type, 192)) << to_string(type);
    EXPECT_EQ(error > 0, type != ValueType::kI8) << to_string(type);
  }
}

TEST_F(TensorCores, ProveWeightsOfAnySize) {
  const auto verify = [&](ValueType type, float scale) {
    auto weight = testing::random_floats(size_of_matrix(20, 64), 10);
    for (float& value : weight) value *= scale;
    const Permutation permutation = testing::shuffled(Segments(64), 2);
    const auto mask = magnitude_mask({weight, 20, 64}, {2, 4}, permutation);
    return verify_tensor_cores(gpu(), type, {weight, 20, 64}, permutation, {2, 4}, mask);
  };
  for (const ValueType type : {ValueType::kF16, ValueType::kBF16, ValueType::kI8}) {
    // A power of two changes nothing, an error of zero for 16-bit types would mean that nothing was
    // multiplied.
    const double error = verify(type, 1.0f);
    EXPECT_LE(error, max_tensor_core_error(type, 64)) << to_string(type);
    EXPECT_EQ(error > 0, type != ValueType::kI8) << to_string(type);
    for (const float scale : {0x1p100f, 0x1p-100f, 0x1p16f, 0x1p-30f}) {
      EXPECT_EQ(verify(type, scale), error) << to_string(type) << " " << scale;
    }
    EXPECT_EQ(verify(type, 0.0f), 0) << to_string(type);
  }
}

TEST_F(TensorCores, RefuseWhatTheyCannotMultiply) {
  const std::vector<float> dense(16 * 64, 1.0f);
  std::vector<float> b(64 * 3, 1.0f);
  const StoredWeight half = stored_weight(dense, 16, 64, ValueType::kF16);
  const StoredWeight bytes = stored_weight(dense, 16, 64, ValueType::kI8);
  const auto refusal = [&](const StoredWeight& a, int n) {
    return refusal_of([&] { tensor_core_product(gpu(), a, b, n); });
  };
  EXPECT_THAT(refusal(stored_weight(dense, 16, 64, ValueType::kF32), 3),
              HasSubstr("f32 (expected f16, bf16 or i8)"));
  EXPECT_THAT(
      refusal(store(prune_and_compress({dense, 16, 64}, {1, 4}, identity_permutation(64)), ValueType::kF16),
              3),
      HasSubstr("1:4 (expected 2:4)"));
  for (const StoredWeight* const a : {&half, &bytes}) {
    EXPECT_THAT(refusal(*a, 2), HasSubstr("192 values for 2 columns"));
    EXPECT_THAT(refusal(*a, 0), HasSubstr("at least one"));
    EXPECT_THAT(refusal(*a, -3), HasSubstr("at least one"));
  }
  b[3 * 7 + 2] = std::nanf("");
  EXPECT_THAT(refusal(half, 3), HasSubstr("row 7, column 2: nan"));
  EXPECT_THAT(refusal(bytes, 3), HasSubstr("row 7, column 2: nan"));
  b[3 * 7 + 2] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(refusal(stored_weight(dense, 16, 64, ValueType::kBF16), 3), HasSubstr("row 7, column 2: inf"));
  b[3 * 7 + 2] = 70000;
  EXPECT_THAT(refusal(half, 3), HasSubstr("in the range of f16"));
  EXPECT_THAT(refusal_of([&] { tensor_core_sums(gpu(), half, std::vector<std::int8_t>(64), 1); }),
              HasSubstr("as the weight, f16"));
}

TEST_F(TensorCores, RefuseSumsThatWouldOverflow) {
  const int columns = 1 << 18;
  const StoredWeight a =
      stored_weight(std::vector<float>(size_of_matrix(1, columns)), 1, columns, ValueType::kI8);
  EXPECT_THAT(refusal_of([&] { tensor_core_sums(gpu(), a, std::vector<std::int8_t>(1 << 18), 1); }),
              HasSubstr("262144 (expected less than 262144"));
}

TEST_F(TensorCores, VerificationRefusesWhatItCannotVerify) {
  const std::vector<float> weight(16, 1.0f);
  const Permutation same = identity_permutation(8);
  const auto refusal = [&](ValueType type, const Pattern& pattern, const VerifyOptions& options) {
    return refusal_of([&] {
      verify_tensor_cores(gpu(), type, {weight, 2, 8}, same, pattern,
                          magnitude_mask({weight, 2, 8}, pattern, same), options);
    });
  };
  EXPECT_THAT(refusal(ValueType::kBF16, {1, 4}, {}), HasSubstr("2:4"));
  EXPECT_THAT(refusal(ValueType::kF32, {2, 4}, {}), HasSubstr("f16, bf16 or i8"));
  EXPECT_THAT(refusal(ValueType::kI8, {2, 4}, {.activations = 0}), HasSubstr("activations"));
}

TEST_F(TensorCores, DriverErrorsNameTheCallAndWhatTheDriverSays) {
  const auto refusal = [](const auto& call) { return refusal_of<UnsupportedError>(call); };
  const std::string memory = refusal([&] { GpuMemory(gpu(), std::size_t{1} << 50); });
  EXPECT_THAT(memory, HasSubstr(gpu().name() + ": cuMemAlloc: out of memory"));
  EXPECT_THAT(refusal([&] { GpuProgram(gpu(), "not a program"); }), HasSubstr("cuModuleLoadDataEx: "));
  const GpuProgram program(gpu(), tensor_core_program(ValueType::kF16));
  EXPECT_THAT(refusal([&] { program.run("no_such_entry", 1, 1, {}); }), HasSubstr("cuModuleGetFunction: "));
}

TEST_F(TensorCores, CanBeOpenedTwice) {
  const GpuMemory before(gpu(), 16);
  {
    const OpenedGpu second = Gpu::open();
    ASSERT_NE(second.gpu, nullptr);
    EXPECT_EQ(second.gpu->name(), gpu().name());
  }
  const StoredWeight a = stored_weight(std::vector<float>(4, 1.0f), 1, 4, ValueType::kF16);
  EXPECT_THAT(tensor_core_product(gpu(), a, std::vector<float>(4, 1.0f), 1), ::testing::ElementsAre(2.0f));
}

TEST(TensorCoreErrors, AllowForMoreCutSumsInWiderWeights) {
  for (const ValueType type : {ValueType::kF16, ValueType::kBF16}) {
    EXPECT_EQ(max_tensor_core_error(type, 64), 1e-5);
    EXPECT_EQ(max_tensor_core_error(type, 16384), 0x1p-13);
  }
  EXPECT_EQ(max_tensor_core_error(ValueType::kI8, 16384), 0);
}

TEST(TensorCoreErrors, OfIntegersAreCountedInUnits) {
  // Rows of scale 1: 127 is the largest. The second row keeps nothing.
  const std::vector<float> weight = {127, -3, 0, 0, 0, 0, 0, 0};
  const std::vector<std::int8_t> b = {2, -1, 5, 7, 100, 100, 100, 100};  // 4 x 2
  const WeightView pruned{weight, 2, 4};
  std::vector<std::int32_t> sums = {239, -148, 0, 0};
  EXPECT_EQ(integer_product_error(pruned, b, 2, sums), 0);
  sums[1] += 1;
  EXPECT_DOUBLE_EQ(integer_product_error(pruned, b, 2, sums), 1.0 / 148);
  sums[0] -= 2;
  EXPECT_DOUBLE_EQ(integer_product_error(pruned, b, 2, sums), 2.0 / 269);
  sums[3] = 1;
  EXPECT_EQ(integer_product_error(pruned, b, 2, sums), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace nmperm
