// Vector kernels of the 2:4 product. Highway compiles them for every instruction set and picks one at run
// time.
#pragma once

#include <cstddef>

#include "sparse/pair_plan.h"

namespace nmperm {

/// float32 lanes of a vector, and the most vectors of a panel, on the instruction set in use.
int pair_kernel_lanes();
int pair_kernel_max_vectors();

/// One tile of a plan times a panel of B.
struct TileProduct {
  int chunk, block;
  int vectors;                ///< of a row of the panel and of the sums
  const float* panel;         ///< the block_columns(block) rows of B, 64-byte aligned
  float* sums;                ///< chunk rows + 1 rows, 64-byte aligned
  bool first;                 ///< the sums are zero, whatever is there
  float* out;                 ///< where sum + A * panel goes: the sums themselves, or rows of Y
  std::size_t out_stride;     ///< elements from a row of `out` to the next
  float* next_panel;          ///< of the next tile, 64-byte aligned
  int next_rows;              ///< of the next panel; none where it is 0
  const float* next_b;        ///< rows of B to pack into it meanwhile, as wide; null where it is packed
  std::size_t next_b_stride;  ///< elements from one of them to the next
};

/// The row after the chunk's last is written to the sums, never to `out`.
void multiply_tile(const PairPlan& plan, const TileProduct& tile);

}  // namespace nmperm
