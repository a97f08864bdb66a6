#include "tests/emulated_cuda/mma_fragments.h"

#include <bit>
#include <cmath>

namespace nmperm::testing {
namespace {

/// 9.7.14.6.2.2 and 9.7.14.6.2.6, metadata: "Tk: [m..n]" in a cell of rows group and group + 8.
struct MetadataCell {
  int row_offset, first_column, last_column, lane_in_group, low_bit;
};
constexpr std::array<MetadataCell, 4> kCells16Bits = {{{0, 0, 15, 0, 0},
                                                       {8, 0, 15, 0, 16},
                                                       {0, 16, 31, 1, 0},
                                                       {8, 16, 31, 1, 16}}};  // of the pair that is named
constexpr std::array<MetadataCell, 4> kCells8Bits = {
    {{0, 0, 31, 0, 0}, {8, 0, 31, 1, 0}, {0, 32, 63, 2, 0}, {8, 32, 63, 3, 0}}};

/// The first row of B of each register, thread 0: figures 121 and 132 to 135. A thread's rows follow its
/// predecessor's.
constexpr std::array<int, 4> kRows16Bits = {0, 8, 16, 24}, kRows8Bits = {0, 16, 32, 48};

/// The bits of a number that the type holds exactly.
std::uint32_t bits_of(MmaType type, double value) {
  if (type == MmaType::kS8) return static_cast<std::uint8_t>(static_cast<int>(value));
  if (type == MmaType::kBf16 || std::isinf(value)) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    return type == MmaType::kBf16 ? bits >> 16 : 0x7c00;
  }
  if (value == 0) return 0;
  int exponent;  // the value is m 2^exponent with m from 1/2 up to 1; all are normal here
  const double mantissa = std::frexp(std::abs(value), &exponent);
  return (value < 0 ? 0x8000u : 0u) | static_cast<std::uint32_t>(exponent + 14) << 10 |
         (static_cast<std::uint32_t>(mantissa * 2048) & 0x3ff);
}

/// The columns of a chunk of four that are kept: two, in ascending order.
std::vector<int> kept_columns(const MmaCase& c, int row, int chunk) {
  std::vector<int> kept;
  int spare = 0;  // columns that may still be left out
  for (int k = 4 * chunk; k < 4 * chunk + 4; ++k) spare += c.is_kept[at(row, k, c.inner())] ? 0 : 1;
  for (int k = 4 * chunk; k < 4 * chunk + 4; ++k) {
    if (c.is_kept[at(row, k, c.inner())] || spare > 2) {
      kept.push_back(k);
      spare -= c.is_kept[at(row, k, c.inner())] ? 0 : 1;
    }
  }
  return kept;
}

/// 9.7.14.6.2.2 and 9.7.14.6.2.6, multiplicand A: element ai of a lane is one of those kept in [firstcol ...
/// lastcol].
std::uint32_t element_of_a(const MmaCase& c, int lane, int i) {
  const int group = lane >> 2, thread = lane % 4;
  int row, first_column, element;
  if (c.type == MmaType::kS8) {
    row = (0 <= i && i < 4) || (8 <= i && i < 12) ? group : group + 8;
    first_column = i < 8 ? thread * 8 : thread * 8 + 32;
    element = i % 4;
  } else {
    row = (0 <= i && i < 2) || (4 <= i && i < 6) ? group : group + 8;
    first_column = i < 4 ? thread * 4 : thread * 4 + 16;
    element = i % 2;
  }
  const int column =
      kept_columns(c, row, first_column / 4 + element / 2)[static_cast<std::size_t>(element % 2)];
  return bits_of(c.type, c.a[at(row, column, c.inner())]);
}

void fill_metadata(const MmaCase& c, unsigned selector, MmaFragments& fragments) {
  for (int group = 0; group < 8; ++group) {
    for (const MetadataCell& cell : c.type == MmaType::kS8 ? kCells8Bits : kCells16Bits) {
      const int lane = 4 * group + 2 * static_cast<int>(selector) + cell.lane_in_group;
      std::uint32_t bits = 0;
      for (int column = cell.first_column; column < cell.last_column; column += 4) {
        const std::vector<int> kept = kept_columns(c, group + cell.row_offset, column / 4);
        const int pair = kept[0] % 4 + 4 * (kept[1] % 4);
        bits |= static_cast<std::uint32_t>(pair) << (column - cell.first_column);
      }
      fragments.metadata[static_cast<std::size_t>(lane)] |= bits << cell.low_bit;
    }
  }
}

std::uint32_t bits_of_sum(MmaType type, double value) {
  if (type == MmaType::kS8) return static_cast<std::uint32_t>(static_cast<std::int64_t>(value));
  return std::bit_cast<std::uint32_t>(static_cast<float>(value));
}

/// 9.7.14.5.8 and 9.7.14.5.9, accumulators: where ci is.
std::size_t place_of_sum(int lane, int i) {
  const int row = i < 2 ? lane >> 2 : (lane >> 2) + 8;
  return at(row, (lane % 4) * 2 + (i & 1), 8);
}

}  // namespace

MmaFragments fragments_of(const MmaCase& c, unsigned selector, std::uint32_t spare) {
  const int elements = c.type == MmaType::kS8 ? 4 : 2, bits = 32 / elements;
  MmaFragments fragments;
  for (int lane = 0; lane < 32; ++lane) {
    const auto l = static_cast<std::size_t>(lane);
    for (int r = 0; r < 4; ++r) {
      const auto i = static_cast<std::size_t>(r);
      for (int e = 0; e < elements; ++e) {
        fragments.a[l][i] |= element_of_a(c, lane, elements * r + e) << (bits * e);
        const int row = (c.type == MmaType::kS8 ? kRows8Bits : kRows16Bits)[i] + elements * (lane % 4) + e;
        fragments.b[l][i] |= bits_of(c.type, c.b[at(row, lane >> 2, 8)]) << (bits * e);
      }
      fragments.c[l][i] = bits_of_sum(c.type, c.sums[place_of_sum(lane, r)]);
    }
    const bool is_named = c.type == MmaType::kS8 || lane % 4 / 2 == static_cast<int>(selector);
    fragments.metadata[l] = is_named ? 0 : spare;
  }
  fill_metadata(c, selector, fragments);
  return fragments;
}

std::vector<double> numbers_of_sums(MmaType type, const std::vector<std::uint32_t>& d) {
  std::vector<double> numbers(128);
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t bits = d[at(lane, i, 4)];
      double& number = numbers[place_of_sum(lane, i)];
      number = std::bit_cast<float>(bits);
      if (type == MmaType::kS8) number = static_cast<std::int32_t>(bits);
    }
  }
  return numbers;
}

}  // namespace nmperm::testing
