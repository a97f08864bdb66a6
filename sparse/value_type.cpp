#include "sparse/value_type.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/error.h"

namespace nmperm {

ValueType parse_value_type(std::string_view text) {
  for (const ValueType type : {ValueType::kF32, ValueType::kF16, ValueType::kBF16, ValueType::kI8}) {
    if (text == to_string(type)) return type;
  }
  throw InputError("dtype", std::string(text), "is not a number format", "f32, f16, bf16 or i8");
}

std::string to_string(ValueType type) {
  switch (type) {
    case ValueType::kF32:
      return "f32";
    case ValueType::kF16:
      return "f16";
    case ValueType::kBF16:
      return "bf16";
    case ValueType::kI8:
      break;
  }
  return "i8";
}

std::size_t size_of(ValueType type) {
  return type == ValueType::kF32 ? 4 : type == ValueType::kI8 ? 1 : 2;
}

std::uint16_t f16_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;  // NaN
  if (magnitude < 0x38800000u) {                       // below 2^-14: a multiple of 2^-24
    return sign | static_cast<std::uint16_t>(std::nearbyint(std::fabs(value) * 0x1p24f));
  }
  const std::uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u);
  constexpr std::uint32_t kBias = (127 - 15) << 10, kInfinity = 0x7c00;
  return sign | static_cast<std::uint16_t>(std::min((rounded >> 13) - kBias, kInfinity));
}

std::uint16_t bf16_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);  // NaN
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

float i8_scale(std::span<const float> row) {
  float largest = 0;
  for (const float value : row) largest = std::max(largest, std::fabs(value));
  const float scale = largest / 127;
  return scale > 0 ? scale : 1;
}

std::int8_t i8_of(float value, float scale) {
  return static_cast<std::int8_t>(std::clamp(std::nearbyint(value / scale), -127.0f, 127.0f));
}

}  // namespace nmperm
