// Rows in and out of the column-major matrix, a block of them at a time: single rows would touch one cache
// line for every score.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "core/score_matrix.h"

namespace nmperm {

/// Rows of a block: those of one cache line of a column.
inline constexpr int kBlockRows = kRowAlignment;

/// Calls visit(std::span<const float> rows) with blocks of kBlockRows row-major rows (the last may be lower),
/// from top to bottom. Memory: one block.
template <typename Visit>
void for_each_row_block(const ScoreMatrix& scores, Visit visit) {
  const auto columns = static_cast<std::size_t>(scores.columns());
  std::vector<float> block(kBlockRows * columns);
  for (int r0 = 0; r0 < scores.rows(); r0 += kBlockRows) {
    const int height = std::min(kBlockRows, scores.rows() - r0);
    for (int c = 0; c < scores.columns(); ++c) {
      const float* const column = scores.column(c) + r0;
      for (int r = 0; r < height; ++r) {
        block[static_cast<std::size_t>(r) * columns + static_cast<std::size_t>(c)] = column[r];
      }
    }
    visit(std::span<const float>(block).first(static_cast<std::size_t>(height) * columns));
  }
}

/// Fills `scores` from top to bottom; produce(int row, std::span<float> out) yields each row in turn.
/// Memory: one block.
template <typename Produce>
void fill_rows(ScoreMatrix& scores, Produce produce) {
  const auto columns = static_cast<std::size_t>(scores.columns());
  std::vector<float> block(kBlockRows * columns);
  for (int r0 = 0; r0 < scores.rows(); r0 += kBlockRows) {
    const int height = std::min(kBlockRows, scores.rows() - r0);
    for (int r = 0; r < height; ++r) {
      produce(r0 + r, std::span(block).subspan(static_cast<std::size_t>(r) * columns, columns));
    }
    for (int c = 0; c < scores.columns(); ++c) {
      float* const column = scores.column(c) + r0;
      for (int r = 0; r < height; ++r) {
        column[r] = block[static_cast<std::size_t>(r) * columns + static_cast<std::size_t>(c)];
      }
    }
  }
}

}  // namespace nmperm
