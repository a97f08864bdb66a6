// Index metadata in the order in which PyTorch's semi-structured tensors (their CUTLASS backend) hold it.
//
// Source: torch/sparse/_semi_structured_conversions.py of PyTorch 2.1 to 2.9, after reorder_meta() of CUTLASS
// (tools/util/include/cutlass/util/host_reorder.h) and its layout ColumnMajorInterleaved<2>. The order has
// changed between versions and may again, which is why files hold the plain one (StoredWeight::indices).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sparse/stored_weight.h"

namespace nmperm {

/// What the layout asks of a 2:4 weight of a type.
struct TorchLayout {
  int word_bytes = 2;        ///< of a metadata word: 2 for f16 and bf16 (16 columns), 4 for i8 (32 columns)
  int row_multiple = 32;     ///< 32; 16 for i8
  int column_multiple = 64;  ///< 64; 128 for i8

  /// Columns that one word describes.
  int word_columns() const { return 8 * word_bytes; }
};

/// Throws InputError unless the pattern is 2:4, the type f16, bf16 or i8 (f32 runs 1:2 on tensor cores, not
/// 2:4) and the shape has the multiples above.
TorchLayout torch_layout(ValueType type, const Pattern& pattern, int rows, int columns,
                         const std::string& subject = "torch layout");

/// Position of the word that describes row `row` and the word_columns() columns from word_columns() *
/// `column` on: rows are interleaved in groups of row_multiple, 2 x 2 blocks of words transposed, and columns
/// of words stored two by two.
std::size_t torch_word_position(const TorchLayout& layout, int row, int column, int rows);

/// The plain indices of a weight as metadata words, R x C / word_columns(), and back. O(R C).
std::vector<std::byte> torch_metadata(const StoredWeight& stored);
std::vector<std::byte> indices_of_torch_metadata(const TorchLayout& layout, int rows, int columns,
                                                 std::span<const std::byte> metadata);

}  // namespace nmperm
