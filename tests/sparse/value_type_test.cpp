#include "sparse/value_type.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "io/tensor.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

/// What the reader of tensors makes of a 16-bit word: shares nothing with the rounding under test.
float float_of(std::uint16_t word, DType type) {
  TensorInfo info;
  info.dtype = type;
  std::array<float, 1> out{};
  convert_to_float32(info, std::as_bytes(std::span(&word, 1)), out);
  return out[0];
}

TEST(ValueType, NamesGoBothWays) {
  for (const char* name : {"f32", "f16", "bf16", "i8"}) EXPECT_EQ(to_string(parse_value_type(name)), name);
  EXPECT_THAT(testing::refusal_of([] { parse_value_type("f8"); }), ::testing::HasSubstr("f8"));
}

TEST(ValueType, SixteenBitsReadBackAsThemselves) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const auto word = static_cast<std::uint16_t>(bits);
    const float half = float_of(word, DType::kF16), brain = float_of(word, DType::kBF16);
    if (!std::isnan(half)) {
      ASSERT_EQ(f16_of(half), word) << bits;
    }
    if (!std::isnan(brain)) {
      ASSERT_EQ(bf16_of(brain), word) << bits;
    }
  }
  const float nan = std::nanf("");
  EXPECT_TRUE(std::isnan(float_of(f16_of(nan), DType::kF16)));
  EXPECT_TRUE(std::isnan(float_of(bf16_of(nan), DType::kBF16)));
}

/// The result is one of the two neighbours, the nearer one, and of equally near ones the even one.
template <typename Round>
void expect_nearest(float value, DType type, Round round) {
  const std::uint16_t word = round(value);
  const double got = static_cast<double>(float_of(word, type)), exact = static_cast<double>(value);
  for (const int step : {-1, 1}) {
    const auto other = static_cast<std::uint16_t>(word + step);
    const double beside = static_cast<double>(float_of(other, type));
    if (!std::isfinite(beside) || !std::isfinite(got)) continue;
    const double distance = std::fabs(got - exact), other_distance = std::fabs(beside - exact);
    RC_ASSERT(distance <= other_distance);
    if (distance == other_distance) RC_ASSERT(word % 2 == 0);
  }
}

RC_GTEST_PROP(ValueType, RoundsToNearest, ()) {
  const auto bits = *rc::gen::noShrink(rc::gen::arbitrary<std::uint32_t>());
  const float value = std::bit_cast<float>(bits);
  RC_PRE(std::isfinite(value));
  expect_nearest(value, DType::kBF16, bf16_of);
  if (std::fabs(value) < 65504) expect_nearest(value, DType::kF16, f16_of);
  // Exponents that binary16 has.
  const float middle =
      std::ldexp(1 + static_cast<float>(bits % 8388608) * 0x1p-23f, static_cast<int>(bits >> 23) % 40 - 26);
  if (middle < 65504) expect_nearest(middle, DType::kF16, f16_of);
}

TEST(ValueType, TiesGoToEven) {
  EXPECT_EQ(f16_of(1 + 0x1p-11f), f16_of(1));
  EXPECT_EQ(f16_of(1 + 3 * 0x1p-11f), f16_of(1 + 0x1p-9f));
  EXPECT_EQ(f16_of(0x1p-25f), 0);
  EXPECT_EQ(f16_of(3 * 0x1p-25f), 2);
  EXPECT_EQ(bf16_of(1 + 0x1p-8f), bf16_of(1));
  EXPECT_EQ(bf16_of(1 + 3 * 0x1p-8f), bf16_of(1 + 0x1p-6f));
}

TEST(ValueType, BecomesInfiniteBeyondTheRange) {
  EXPECT_EQ(f16_of(65504), 0x7bff);
  EXPECT_EQ(f16_of(65519), 0x7bff);
  EXPECT_EQ(f16_of(65520), 0x7c00);
  EXPECT_EQ(f16_of(-1e30f), 0xfc00);
  EXPECT_EQ(bf16_of(std::numeric_limits<float>::max()), 0x7f80);
}

TEST(ValueType, IntegersAreSymmetric) {
  const std::array<float, 4> row = {0.5f, -2.54f, 1.0f, 0.0f};
  const float scale = i8_scale(row);
  EXPECT_FLOAT_EQ(scale, 0.02f);
  EXPECT_EQ(i8_of(-2.54f, scale), -127);
  EXPECT_EQ(i8_of(2.54f, scale), 127);
  EXPECT_EQ(i8_of(1.0f, scale), 50);
  EXPECT_EQ(i8_of(0.0f, scale), 0);
  EXPECT_EQ(i8_of(2.5f, 1.0f), 2);
  EXPECT_EQ(i8_of(3.5f, 1.0f), 4);
  EXPECT_EQ(i8_of(1e9f, 1.0f), 127);
}

TEST(ValueType, RowsOfZerosHaveTheScaleOne) {
  EXPECT_EQ(i8_scale(std::array<float, 2>{0, 0}), 1);
  EXPECT_EQ(i8_scale(std::array<float, 1>{std::numeric_limits<float>::denorm_min()}), 1);
}

}  // namespace
}  // namespace nmperm
