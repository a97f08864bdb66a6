#include "io/tensor.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using testing::big_endian;
using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal;

std::vector<float> converted(DType dtype, const std::string& bytes, bool big = false) {
  TensorInfo info;
  info.dtype = dtype;
  info.big_endian = big;
  std::vector<float> out(bytes.size() / size_of(dtype));
  convert_to_float32(info, std::as_bytes(std::span(bytes)), out);
  return out;
}

StoredTensor tensor_of(TensorInfo info, const std::string& bytes) {
  return {std::move(info), stream_of(testing::source_of(bytes), "memory", 0, bytes.size())};
}

TEST(Convert, HalfPrecision) {
  const auto words =
      bytes_of<std::uint16_t>({0x0000, 0x8000, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x0400, 0x0001, 0x83ff});
  const std::vector<float> expected = {0.0f,     -0.0f,    1.0f,     -2.0f,        0x1.554p-2f,
                                       65504.0f, 0x1p-14f, 0x1p-24f, -0x1.ff8p-15f};
  EXPECT_EQ(converted(DType::kF16, words), expected);
  EXPECT_EQ(converted(DType::kF16, big_endian(words, 2), true), expected);
  EXPECT_TRUE(std::signbit(converted(DType::kF16, words)[1]));
  const auto special = converted(DType::kF16, bytes_of<std::uint16_t>({0x7c00, 0xfc00, 0x7e00}));
  EXPECT_EQ(special[0], std::numeric_limits<float>::infinity());
  EXPECT_EQ(special[1], -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(special[2]));
}

RC_GTEST_PROP(Convert, EveryFiniteHalfIsSignTimesFractionTimesPower, (std::uint16_t word)) {
  const int exponent = (word >> 10) & 31, fraction = word & 1023;
  RC_PRE(exponent != 31);
  const double value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  RC_ASSERT(converted(DType::kF16, bytes_of<std::uint16_t>({word}))[0] ==
            static_cast<float>((word & 0x8000) != 0 ? -value : value));
}

TEST(Convert, Bfloat16IsTheUpperHalfOfFloat32) {
  EXPECT_THAT(converted(DType::kBF16, bytes_of<std::uint16_t>({0x3f80, 0xc040, 0x0001})),
              ElementsAre(1.0f, -3.0f, 0x1p-133f));
}

TEST(Convert, DoublesRoundToNearestAndOverflowToInfinity) {
  const double largest = std::numeric_limits<float>::max();
  const double half_ulp_above = 0x1.ffffffp127;
  const auto out = converted(DType::kF64, bytes_of<double>({0.1, largest, std::nextafter(half_ulp_above, 0.0),
                                                            half_ulp_above, -1e300, 1e-60}));
  EXPECT_THAT(out, ElementsAre(0.1f, std::numeric_limits<float>::max(), std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::infinity(),
                               -std::numeric_limits<float>::infinity(), 0.0f));
  EXPECT_EQ(converted(DType::kF64, big_endian(bytes_of<double>({0.1}), 8), true)[0], 0.1f);
}

TEST(ElementCount, RefusesProductsBeyondAnyFile) {
  TensorInfo info;
  info.shape = {1ull << 32, 1ull << 32};
  EXPECT_THAT(refusal([&] { element_count(info, "w.npy"); }),
              HasSubstr("w.npy: shape [4294967296, 4294967296]"));
  info.shape = {1ull << 63, 2, 2};  // 2^65: zero in 64 bits
  EXPECT_THROW(element_count(info, "w.npy"), InputError);
  info.shape = {1ull << 63, 0, 2};
  EXPECT_EQ(element_count(info, "w.npy"), 0u);
  info.shape = {};
  EXPECT_EQ(element_count(info, "w.npy"), 1u);
}

TEST(Float32Reader, NamesTheIndexOfWhatIsNotFinite) {
  TensorInfo info;
  info.shape = {4, 5};
  std::vector<float> values(20, 1.0f);
  values[17] = std::numeric_limits<float>::quiet_NaN();
  const std::string bytes = bytes_of(values);
  std::vector<float> out(20);
  for (const bool fortran_order : {false, true}) {
    info.fortran_order = fortran_order;
    StoredTensor tensor = tensor_of(info, bytes);
    Float32Reader reader(tensor);
    reader.read(std::span(out).first(7));
    EXPECT_THAT(refusal([&] { reader.read(std::span(out).subspan(7)); }),
                HasSubstr(fortran_order ? "memory: element [1, 4]: value is nan"
                                        : "memory: element [3, 2]: value is nan"));
  }
}

TEST(Float32Reader, RefusesDoublesBeyondFloat32ByValue) {
  TensorInfo info;
  info.dtype = DType::kF64;
  info.shape = {1, 2};
  const std::string bytes = bytes_of<double>({1, -1e39});
  StoredTensor tensor = tensor_of(info, bytes);
  std::vector<float> out(2);
  EXPECT_THAT(refusal([&] { Float32Reader(tensor).read(out); }),
              HasSubstr("element [0, 1]: value is -1e+39"));
}

TEST(Float32Reader, NamesAnElementFarBehindTheFirstBlock) {
  TensorInfo info;
  info.shape = {300, 1000};
  std::vector<float> values(300000, 0.5f);
  values[299999] = std::numeric_limits<float>::infinity();
  const std::string bytes = bytes_of(values);
  StoredTensor tensor = tensor_of(info, bytes);
  std::vector<float> out(300000);
  EXPECT_THAT(refusal([&] { Float32Reader(tensor).read(out); }),
              HasSubstr("element [299, 999]: value is inf"));
}

}  // namespace
}  // namespace nmperm
