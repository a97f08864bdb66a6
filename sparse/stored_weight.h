// A compressed weight as bytes: what goes to a file or to a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sparse/compressed_matrix.h"
#include "sparse/value_type.h"

namespace nmperm {

/// All numbers little-endian.
struct StoredWeight {
  ValueType type = ValueType::kF32;
  int rows = 0;
  int columns = 0;
  Pattern pattern;
  std::vector<float> scales;      ///< kI8: one for each row, value = integer * scale; else empty
  std::vector<std::byte> values;  ///< R x C*N/M, row-major
  /// ceil(log2 M) bits for each value in the same order, the lowest bits of a byte first; bits after the last
  /// are zero. With 2:4 that is one nibble a group, idx0 | idx1 << 2, the first group of a byte in its lower
  /// half: kept 1100 is 0x4, 1010 0x8, 0110 0x9, 1001 0xC, 0101 0xD, 0011 0xE.
  std::vector<std::byte> indices;

  bool operator==(const StoredWeight&) const = default;
};

/// Bits of an index of this pattern: ceil(log2 M).
int index_bits(const Pattern& pattern);

/// Rounds the values of a valid matrix. Throws InputError, naming row and value, where one is beyond the
/// range of the type. O(R C).
StoredWeight store(const CompressedMatrix& matrix, ValueType type);

/// The matrix with its values as float32. Throws InputError, naming `subject`, row and group, when sizes do
/// not fit, an index code is impossible (equal or descending indices: 0x0, 0x5, ...; or beyond M), a bit
/// after the last index is set, a value is NaN or infinite, a scale is not a positive number. O(R C).
CompressedMatrix restore(const StoredWeight& stored, const std::string& subject = "compressed weight");

/// Bytes, dense and compressed.
struct StoredSize {
  std::uint64_t dense = 0;
  std::uint64_t values = 0, indices = 0, scales = 0;

  std::uint64_t compressed() const { return values + indices + scales; }
};
StoredSize stored_size(const StoredWeight& stored);

}  // namespace nmperm
