// Number formats of stored values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nmperm {

/// IEEE 754 binary32, binary16; bfloat16 (the upper half of a binary32); 8-bit integers times a scale.
enum class ValueType { kF32, kF16, kBF16, kI8 };

/// Reads "f32", "f16", "bf16" or "i8". Throws InputError on anything else.
ValueType parse_value_type(std::string_view text);
std::string to_string(ValueType type);
/// Bytes of one value.
std::size_t size_of(ValueType type);

/// Nearest binary16 (ties to even); infinity beyond its range.
std::uint16_t f16_of(float value);
/// Nearest bfloat16 (ties to even); infinity beyond its range.
std::uint16_t bf16_of(float value);

/// The scale of a row for 8 bits: its largest magnitude becomes 127. 1 where all values are zero (or too
/// small for a scale that is not).
float i8_scale(std::span<const float> row);
/// Nearest multiple of the scale (ties to even), -127 .. 127.
std::int8_t i8_of(float value, float scale);

}  // namespace nmperm
