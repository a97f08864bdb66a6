#include "sparse/tensor_core_layout.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>

#include "core/error.h"

namespace nmperm {
namespace {

constexpr int kTileRows = 16, kTileColumns = 8;  // of one instruction
constexpr unsigned kKeptFirstTwo = 0x4;

int blocks_of(int size, int count) {
  return (count + size - 1) / size;
}

/// The code of a group of a stored weight, and of what fills it up.
class Codes {
 public:
  explicit Codes(const StoredWeight& stored) : stored_(stored) {}

  unsigned code(int row, int group) const {
    if (row >= stored_.rows || group >= stored_.columns / 4) return kKeptFirstTwo;
    const std::size_t k = static_cast<std::size_t>(row) * static_cast<std::size_t>(stored_.columns / 4) +
                          static_cast<std::size_t>(group);
    return std::to_integer<unsigned>(stored_.indices[k / 2]) >> (k % 2 * 4) & 0xfu;
  }

  /// `count` groups from `group` on, the first in the lowest bits.
  std::uint32_t word(int row, int group, int count) const {
    std::uint32_t word = 0;
    for (int k = 0; k < count; ++k) word |= code(row, group + k) << 4 * k;
    return word;
  }

 private:
  const StoredWeight& stored_;
};

/// The values of 16 rows and one step; what lies beyond the weight is zero.
LaneRegisters value_registers(const StoredWeight& stored, int first_row, int step) {
  const std::size_t row_bytes = stored.values.size() / static_cast<std::size_t>(stored.rows);
  LaneRegisters lanes{};
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    for (int r = 0; r < 4; ++r) {
      const int row = first_row + lane / 4 + 8 * (r % 2);
      // A step stores K / 2 values, 32 bytes whatever the type: eight registers of neighbouring values.
      const auto first =
          static_cast<std::size_t>(step) * 32 + static_cast<std::size_t>(r / 2 * 16 + lane % 4 * 4);
      if (row >= stored.rows || first >= row_bytes) continue;
      std::memcpy(&lanes[static_cast<std::size_t>(lane)][static_cast<std::size_t>(r)],
                  stored.values.data() + static_cast<std::size_t>(row) * row_bytes + first,
                  std::min<std::size_t>(4, row_bytes - first));
    }
  }
  return lanes;
}

/// f16 and bf16: the word of a lane for 32 rows. A word describes 16 columns of two rows.
std::uint32_t half_word(const Codes& codes, int first_row, int step, int lane) {
  const int row = first_row + lane % 4 / 2 * kTileRows + lane / 4, group = step * 8 + lane % 2 * 4;
  return codes.word(row, group, 4) | codes.word(row + 8, group, 4) << 16;
}

/// i8: the word of a lane for 16 rows. A word describes 32 columns of one row.
std::uint32_t integer_word(const Codes& codes, int first_row, int step, int lane) {
  return codes.word(first_row + lane / 4 + lane % 2 * 8, step * 16 + lane % 4 / 2 * 8, 8);
}

std::vector<std::uint32_t> metadata_words(const StoredWeight& stored, int row_blocks, int steps) {
  const Codes codes(stored);
  const bool integers = stored.type == ValueType::kI8;
  const int rows = integers ? kTileRows : kWarpRows, groups = row_blocks * kWarpRows / rows;
  std::vector<std::uint32_t> words;
  words.reserve(static_cast<std::size_t>(steps) * static_cast<std::size_t>(groups) * kWarpLanes);
  for (int step = 0; step < steps; ++step) {
    for (int first = 0; first < groups * rows; first += rows) {
      for (int lane = 0; lane < kWarpLanes; ++lane) {
        words.push_back((integers ? integer_word : half_word)(codes, first, step, lane));
      }
    }
  }
  return words;
}

/// 8 columns of B and one step; what lies beyond B is zero.
template <typename Bits>
LaneRegisters activation_registers(std::span<const Bits> b, int rows, int n, int first_column, int step) {
  constexpr int kPerRegister = 4 / sizeof(Bits), kDepth = 16 * kPerRegister;
  LaneRegisters lanes{};
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    const int column = first_column + lane / 4;
    if (column >= n) continue;
    for (int i = 0; i < 4; ++i) {
      const int first = step * kDepth + kDepth / 4 * i + kPerRegister * (lane % 4);
      for (int j = 0; j < kPerRegister && first + j < rows; ++j) {
        const auto bits = static_cast<std::make_unsigned_t<Bits>>(
            b[static_cast<std::size_t>(first + j) * static_cast<std::size_t>(n) +
              static_cast<std::size_t>(column)]);
        lanes[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)] |= static_cast<std::uint32_t>(bits)
                                                                              << 32 / kPerRegister * j;
      }
    }
  }
  return lanes;
}

template <typename Bits>
TensorCoreActivations activations(const TensorCoreWeight& a, std::span<const Bits> b, int n) {
  constexpr int kMaxColumns = 65535 * kWarpColumns;  // blocks along the second dimension of a grid
  if (size_of(a.type) != sizeof(Bits)) {
    throw InputError("activations", "type", std::to_string(8 * sizeof(Bits)) + " bits",
                     "as the weight, " + to_string(a.type));
  }
  if (n < 1 || n > kMaxColumns ||
      b.size() != static_cast<std::size_t>(a.columns) * static_cast<std::size_t>(n)) {
    throw InputError("activations", "shape",
                     std::to_string(b.size()) + " values for " + std::to_string(n) + " columns",
                     std::to_string(a.columns) + " rows, 1 to " + std::to_string(kMaxColumns) + " columns");
  }
  TensorCoreActivations out{n, blocks_of(kWarpColumns, n), {}};
  out.values.reserve(static_cast<std::size_t>(out.column_blocks) * static_cast<std::size_t>(a.steps) * 2);
  for (int block = 0; block < out.column_blocks; ++block) {
    for (int step = 0; step < a.steps; ++step) {
      for (int half = 0; half < 2; ++half) {
        out.values.push_back(
            activation_registers(b, a.columns, n, block * kWarpColumns + half * kTileColumns, step));
      }
    }
  }
  return out;
}

}  // namespace

int instruction_depth(ValueType type) {
  return type == ValueType::kI8 ? 64 : 32;
}

TensorCoreWeight tensor_core_weight(const StoredWeight& stored) {
  constexpr const char* kSubject = "weight for tensor cores";
  if (stored.pattern != Pattern{2, 4}) throw InputError(kSubject, "pattern", stored.pattern.str(), "2:4");
  if (stored.type == ValueType::kF32) throw InputError(kSubject, "dtype", "f32", "f16, bf16 or i8");
  restore(stored, kSubject);  // for its checks
  TensorCoreWeight weight{stored.type,
                          stored.rows,
                          stored.columns,
                          blocks_of(kWarpRows, stored.rows),
                          blocks_of(instruction_depth(stored.type), stored.columns),
                          stored.scales,
                          {},
                          {}};
  weight.values.reserve(static_cast<std::size_t>(weight.row_blocks) * static_cast<std::size_t>(weight.steps) *
                        2);
  for (int block = 0; block < weight.row_blocks; ++block) {
    for (int step = 0; step < weight.steps; ++step) {
      for (int half = 0; half < 2; ++half) {
        weight.values.push_back(value_registers(stored, block * kWarpRows + half * kTileRows, step));
      }
    }
  }
  weight.metadata = metadata_words(stored, weight.row_blocks, weight.steps);
  return weight;
}

TensorCoreActivations tensor_core_activations(const TensorCoreWeight& a, std::span<const std::uint16_t> b,
                                              int n) {
  return activations(a, b, n);
}

TensorCoreActivations tensor_core_activations(const TensorCoreWeight& a, std::span<const std::int8_t> b,
                                              int n) {
  return activations(a, b, n);
}

}  // namespace nmperm
