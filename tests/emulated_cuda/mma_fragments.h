// What the lanes of a warp hold for mma.sp, in the words of the PTX ISA.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nmperm::testing {

enum class MmaType { kF16, kBf16, kS8 };

inline std::size_t at(int row, int column, int columns) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column);
}

/// One product as dense matrices, row by row: A 16 x inner, B inner x 8, C 16 x 8.
struct MmaCase {
  explicit MmaCase(MmaType of_type)
      : type(of_type), a(at(16, 0, inner())), is_kept(a.size()), b(at(inner(), 0, 8)), sums(128) {}

  int inner() const { return type == MmaType::kS8 ? 64 : 32; }
  void keep(int row, int column, double value) {
    a[at(row, column, inner())] = value;
    is_kept[at(row, column, inner())] = true;
  }

  MmaType type;
  std::vector<double> a;
  std::vector<bool> is_kept;  // at most two of each four columns
  std::vector<double> b;
  std::vector<double> sums;
};

/// The registers of all lanes, and A's metadata.
struct MmaFragments {
  std::array<std::array<std::uint32_t, 4>, 32> a{}, b{}, c{};
  std::array<std::uint32_t, 32> metadata{};
};

/// Where fewer than two columns of a chunk are kept, zeros are kept beside them. Metadata of lanes that
/// `selector` does not name is `spare`.
MmaFragments fragments_of(const MmaCase& c, unsigned selector, std::uint32_t spare);

/// D, 16 x 8, from the registers of all lanes.
std::vector<double> numbers_of_sums(MmaType type, const std::vector<std::uint32_t>& d);

}  // namespace nmperm::testing
