// A weight that obeys an N:M pattern, without its zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/pattern.h"
#include "core/permutation.h"
#include "sparse/weight_view.h"

namespace nmperm {

/// R x C, N values for every group of M columns, row-major; places[k] is the column of values[k] inside its
/// group, 0 .. M-1, ascending inside a group. A group with fewer nonzero elements is filled up with zeros at
/// the places furthest to the left. The working form: how it is stored is the matter of
/// sparse/stored_weight.h.
struct CompressedMatrix {
  int rows = 0;
  int columns = 0;
  Pattern pattern;
  std::vector<float> values;
  std::vector<std::uint8_t> places;

  /// Values of one row: C * N / M.
  std::size_t row_size() const {
    return static_cast<std::size_t>(columns / pattern.group) * static_cast<std::size_t>(pattern.keep);
  }
  /// Column of the k-th value of a row.
  int column(int r, std::size_t k) const {
    const auto keep = static_cast<std::size_t>(pattern.keep);
    return static_cast<int>(k / keep) * pattern.group + places[static_cast<std::size_t>(r) * row_size() + k];
  }
  /// Throws InputError, naming `subject`, row and group, unless shape, sizes and places are as described and
  /// all values are finite. O(R C).
  void validate(const std::string& subject = "compressed weight") const;

  bool operator==(const CompressedMatrix&) const = default;
};

/// Keeps of each row, in the permuted order, what `mask` (as pattern_mask() makes it) tells. Throws
/// InputError unless the mask has R * C flags with exactly N in every group, the permutation is one of the
/// columns, and the kept values are finite. O(R C).
CompressedMatrix compress(const WeightView& weight, const Pattern& pattern, const Permutation& permutation,
                          std::span<const std::uint8_t> mask);

/// Permutes, prunes by magnitude, and compresses. Throws as magnitude_mask(). O(R C).
CompressedMatrix prune_and_compress(const WeightView& weight, const Pattern& pattern,
                                    const Permutation& permutation);

/// A weight that obeys the pattern as it is; throws as require_pattern() and magnitude_mask(). O(R C).
CompressedMatrix compress_pruned(const WeightView& weight, const Pattern& pattern);

/// The dense R x C matrix, row-major, in the order in which it was compressed. O(R C).
std::vector<float> decompress(const CompressedMatrix& matrix);

}  // namespace nmperm
