// Figures of an instance that `info` shows beside its magnitudes.
#pragma once

#include <cstdint>
#include <optional>

#include "core/pattern.h"
#include "core/score_matrix.h"
#include "core/segments.h"

namespace nmperm {

/// How many permutations differ in what they keep: the order inside a group and the order of the groups do
/// not matter, so a segment of C columns, G = C/M groups, has C! / ((M!)^G G!).
struct PermutationCount {
  double log10 = 0;
  std::optional<std::uint64_t> exact;  ///< where it fits
};
/// O(C).
PermutationCount count_distinct_permutations(const Segments& segments, const Pattern& pattern);

/// Bytes of a matrix whose values have `value_bits` bits.
struct MatrixSize {
  std::uint64_t dense_bytes = 0;
  /// Kept values, and for each the ceil(log2 M) bits of its place in the group.
  std::uint64_t compressed_bytes = 0;
};
MatrixSize matrix_size(int rows, int columns, const Pattern& pattern, int value_bits);

/// Rows and columns that no permutation can matter to, and columns that may be exchanged freely.
struct DegenerateCounts {
  int zero_rows = 0;
  int zero_columns = 0;
  int duplicate_columns = 0;  ///< nonzero columns equal to an earlier one
};
/// O(R C) and 16 bytes a column.
DegenerateCounts count_degenerate(const ScoreMatrix& scores);

}  // namespace nmperm
