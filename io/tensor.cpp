#include "io/tensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "core/error.h"

namespace nmperm {
namespace {

static_assert(std::endian::native == std::endian::little, "stored bytes are taken as little-endian words");

float float32_of_f16(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {  // zero or subnormal: fraction * 2^-24 is exact in float32
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide_exponent = exponent == 0x1fu ? 0xffu : exponent + 112;  // biases 127 and 15
  return std::bit_cast<float>(sign | (wide_exponent << 23) | (fraction << 13));
}

template <typename Word>
Word load(const std::byte* bytes, bool big_endian) {
  std::array<std::byte, sizeof(Word)> copy;
  std::memcpy(copy.data(), bytes, sizeof(Word));
  if (big_endian) std::reverse(copy.begin(), copy.end());
  return std::bit_cast<Word>(copy);
}

template <typename Word, typename Convert>
void convert(const std::byte* stored, bool big_endian, std::span<float> out, Convert to_float32) {
  for (float& value : out) {
    value = to_float32(load<Word>(stored, big_endian));
    stored += sizeof(Word);
  }
}

/// Rounds to nearest; beyond the range of float32 infinity, where a plain cast would be undefined.
float float32_of_f64(double value) {
  constexpr double kHalfUlpAboveLargest = 0x1.ffffffp127;
  if (std::fabs(value) < kHalfUlpAboveLargest || std::isnan(value)) return static_cast<float>(value);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return value < 0 ? -kInfinity : kInfinity;
}

}  // namespace

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kF32:
      return 4;
    case DType::kF64:
      return 8;
  }
  throw InternalError("unknown element type");
}

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string text = "[";
  for (const std::uint64_t dimension : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(dimension);
  }
  return text + "]";
}

std::uint64_t element_count(const TensorInfo& info, const std::string& subject) {
  const auto& shape = info.shape;
  if (std::find(shape.begin(), shape.end(), 0u) != shape.end()) return 0;
  const std::uint64_t most = std::numeric_limits<std::int64_t>::max() / size_of(info.dtype);
  std::uint64_t count = 1;
  for (const std::uint64_t dimension : shape) {
    if (dimension > most / count) {
      throw InputError(subject, "shape " + shape_text(shape), "more elements than any file can hold");
    }
    count *= dimension;
  }
  return count;
}

void require_size(const TensorInfo& info, std::uint64_t size_bytes, const std::string& subject) {
  const std::uint64_t expected = element_count(info, subject) * size_of(info.dtype);
  if (size_bytes == expected) return;
  throw InputError(subject, "shape " + shape_text(info.shape),
                   "elements take " + std::to_string(size_bytes) + " bytes",
                   std::to_string(expected) + " bytes for this shape and type");
}

std::vector<std::uint64_t> index_at(const TensorInfo& info, std::uint64_t position) {
  std::vector<std::uint64_t> index(info.shape.size());
  for (std::size_t i = 0; i < index.size(); ++i) {
    const std::size_t d = info.fortran_order ? i : index.size() - 1 - i;
    index[d] = position % info.shape[d];
    position /= info.shape[d];
  }
  return index;
}

void convert_to_float32(const TensorInfo& info, std::span<const std::byte> stored, std::span<float> out) {
  if (stored.size() != out.size() * size_of(info.dtype)) throw InternalError("element bytes do not fit");
  switch (info.dtype) {
    case DType::kF16:
      return convert<std::uint16_t>(stored.data(), info.big_endian, out, float32_of_f16);
    case DType::kBF16:
      return convert<std::uint16_t>(stored.data(), info.big_endian, out, [](std::uint16_t word) {
        return std::bit_cast<float>(static_cast<std::uint32_t>(word) << 16);
      });
    case DType::kF32:
      return convert<float>(stored.data(), info.big_endian, out, [](float value) { return value; });
    case DType::kF64:
      return convert<double>(stored.data(), info.big_endian, out, float32_of_f64);
  }
}

void Float32Reader::read(std::span<float> out) {
  constexpr std::size_t kBlockElements = std::size_t{1} << 16;
  const std::size_t element_bytes = size_of(tensor_->info.dtype);
  while (!out.empty()) {
    const auto block = out.first(std::min(out.size(), kBlockElements));
    buffer_.resize(block.size() * element_bytes);
    tensor_->data->read(buffer_);
    convert_to_float32(tensor_->info, buffer_, block);
    bool finite = true;
    for (const float value : block) finite &= std::fabs(value) <= std::numeric_limits<float>::max();
    if (!finite) {
      const auto first =
          std::find_if(block.begin(), block.end(), [](float value) { return !std::isfinite(value); });
      const auto i = static_cast<std::size_t>(first - block.begin());
      refuse(position_ + i, std::span(buffer_).subspan(i * element_bytes, element_bytes));
    }
    position_ += block.size();
    out = out.subspan(block.size());
  }
}

void Float32Reader::refuse(std::uint64_t position, std::span<const std::byte> stored) const {
  const TensorInfo& info = tensor_->info;
  double value = 0;
  if (info.dtype == DType::kF64) {
    value = load<double>(stored.data(), info.big_endian);
  } else {
    float narrow = 0;
    convert_to_float32(info, stored, std::span(&narrow, 1));
    value = static_cast<double>(narrow);
  }
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%g", value);
  throw InputError(tensor_->data->name(), "element " + shape_text(index_at(info, position)),
                   std::string("value is ") + digits.data(), "finite numbers within the range of float32");
}

}  // namespace nmperm
