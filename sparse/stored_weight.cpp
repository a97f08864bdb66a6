#include "sparse/stored_weight.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <span>
#include <string>

#include "core/error.h"
#include "io/tensor.h"

namespace nmperm {
namespace {

template <typename Word>
void append(Word word, std::vector<std::byte>& bytes) {
  static_assert(std::endian::native == std::endian::little);
  const auto* const begin = reinterpret_cast<const std::byte*>(&word);
  bytes.insert(bytes.end(), begin, begin + sizeof(Word));
}

/// The word of a 16-bit format, which must not have become infinite.
std::uint16_t half_of(float value, ValueType type, int row) {
  const std::uint16_t word = type == ValueType::kF16 ? f16_of(value) : bf16_of(value);
  const std::uint16_t infinity = type == ValueType::kF16 ? 0x7c00 : 0x7f80;
  if ((word & 0x7fff) < infinity) return word;
  throw InputError("compressed weight", "row " + std::to_string(row),
                   "value " + std::to_string(value) + " is beyond the range of " + to_string(type),
                   type == ValueType::kF16 ? "magnitudes up to 65504" : "magnitudes up to 3.38e38");
}

void append_row(std::span<const float> row, int r, StoredWeight& stored) {
  if (stored.type == ValueType::kI8) stored.scales.push_back(i8_scale(row));
  for (const float value : row) {
    switch (stored.type) {
      case ValueType::kF32:
        append(value, stored.values);
        break;
      case ValueType::kI8:
        append(i8_of(value, stored.scales.back()), stored.values);
        break;
      default:
        append(half_of(value, stored.type, r), stored.values);
    }
  }
}

/// A stream of small numbers, the lowest bits of a byte first.
class BitWriter {
 public:
  explicit BitWriter(std::vector<std::byte>& bytes) : bytes_(bytes) {}

  void write(unsigned value, int bits) {
    for (int k = 0; k < bits; ++k, ++position_) {
      if (position_ % 8 == 0) bytes_.push_back(std::byte{0});
      bytes_.back() |= static_cast<std::byte>((value >> k & 1u) << (position_ % 8));
    }
  }

 private:
  std::vector<std::byte>& bytes_;
  std::size_t position_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  unsigned read(int bits) {
    unsigned value = 0;
    for (int k = 0; k < bits; ++k, ++position_) {
      value |= (std::to_integer<unsigned>(bytes_[position_ / 8]) >> (position_ % 8) & 1u) << k;
    }
    return value;
  }
  bool at_end() const { return position_ == 8 * bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

std::string place_text(int row, std::size_t group) {
  return "row " + std::to_string(row) + ", group " + std::to_string(group);
}

/// The places of one group. The first `keep` indices are one code, the earlier in its lower bits.
void read_group(BitReader& reader, const Pattern& pattern, int row, std::size_t group,
                std::vector<std::uint8_t>& places, const std::string& subject) {
  const int bits = index_bits(pattern);
  int previous = -1;
  for (int n = 0; n < pattern.keep; ++n) {
    const auto place = static_cast<int>(reader.read(bits));
    if (place <= previous || place >= pattern.group) {
      std::string code;
      if (bits == 2 && pattern.keep == 2) {
        char text[24];
        std::snprintf(text, sizeof text,
                      "index code 0x%X: ", static_cast<unsigned>(n == 0 ? place : previous | place << 2));
        code = text;
      }
      throw InputError(subject, place_text(row, group),
                       code + "index " + std::to_string(place) + " at position " + std::to_string(n),
                       "indices below " + std::to_string(pattern.group) + " in ascending order");
    }
    places.push_back(static_cast<std::uint8_t>(place));
    previous = place;
  }
}

std::vector<float> read_values(const StoredWeight& stored, std::size_t row_size) {
  std::vector<float> values(static_cast<std::size_t>(stored.rows) * row_size);
  if (stored.type == ValueType::kI8) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      const float scale = stored.scales[k / row_size];
      values[k] = static_cast<float>(std::to_integer<std::int8_t>(stored.values[k])) * scale;
    }
    return values;
  }
  TensorInfo info;
  info.dtype = stored.type == ValueType::kF32   ? DType::kF32
               : stored.type == ValueType::kF16 ? DType::kF16
                                                : DType::kBF16;
  convert_to_float32(info, stored.values, values);
  return values;
}

void require_sizes(const StoredWeight& stored, std::size_t count, const std::string& subject) {
  const std::size_t index_bytes = (count * static_cast<std::size_t>(index_bits(stored.pattern)) + 7) / 8;
  const std::size_t scales = stored.type == ValueType::kI8 ? static_cast<std::size_t>(stored.rows) : 0;
  const auto require = [&](const char* what, std::size_t size, std::size_t expected) {
    if (size != expected) {
      throw InputError(subject, what, std::to_string(size) + " of them", std::to_string(expected));
    }
  };
  require("bytes of values", stored.values.size(), count * size_of(stored.type));
  require("bytes of indices", stored.indices.size(), index_bytes);
  require("scales", stored.scales.size(), scales);
  for (std::size_t r = 0; r < scales; ++r) {
    if (stored.scales[r] > 0 && std::isfinite(stored.scales[r])) continue;
    throw InputError(subject, "row " + std::to_string(r), "scale " + std::to_string(stored.scales[r]),
                     "a positive number");
  }
}

}  // namespace

int index_bits(const Pattern& pattern) {
  return static_cast<int>(std::bit_width(static_cast<unsigned>(pattern.group - 1)));
}

StoredWeight store(const CompressedMatrix& matrix, ValueType type) {
  StoredWeight stored{type, matrix.rows, matrix.columns, matrix.pattern, {}, {}, {}};
  stored.values.reserve(matrix.values.size() * size_of(type));
  for (int r = 0; r < matrix.rows; ++r) {
    append_row(
        std::span(matrix.values).subspan(static_cast<std::size_t>(r) * matrix.row_size(), matrix.row_size()),
        r, stored);
  }
  BitWriter writer(stored.indices);
  for (const std::uint8_t place : matrix.places) writer.write(place, index_bits(matrix.pattern));
  return stored;
}

CompressedMatrix restore(const StoredWeight& stored, const std::string& subject) {
  stored.pattern.validate();
  if (stored.rows < 1 || stored.columns < 1 || stored.columns % stored.pattern.group != 0) {
    throw InputError(subject, "shape", std::to_string(stored.rows) + " x " + std::to_string(stored.columns),
                     "rows, and a multiple of " + std::to_string(stored.pattern.group) + " columns");
  }
  CompressedMatrix matrix{stored.rows, stored.columns, stored.pattern, {}, {}};
  require_sizes(stored, static_cast<std::size_t>(stored.rows) * matrix.row_size(), subject);
  matrix.values = read_values(stored, matrix.row_size());
  matrix.places.reserve(matrix.values.size());
  BitReader reader(stored.indices);
  for (int r = 0; r < stored.rows; ++r) {
    for (std::size_t group = 0; group < static_cast<std::size_t>(stored.columns / stored.pattern.group);
         ++group) {
      read_group(reader, stored.pattern, r, group, matrix.places, subject);
    }
  }
  while (!reader.at_end()) {
    if (reader.read(1) != 0) throw InputError(subject, "indices", "bits after the last index", "zeros");
  }
  matrix.validate(subject);
  return matrix;
}

StoredSize stored_size(const StoredWeight& stored) {
  StoredSize size;
  size.dense = static_cast<std::uint64_t>(stored.rows) * static_cast<std::uint64_t>(stored.columns) *
               size_of(stored.type);
  size.values = stored.values.size();
  size.indices = stored.indices.size();
  size.scales = stored.scales.size() * sizeof(float);
  return size;
}

}  // namespace nmperm
