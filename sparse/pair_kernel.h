// Vector kernels of the 2:4 product. Highway compiles them for every instruction set and picks one at run
// time.
#pragma once

#include "sparse/pair_plan.h"

namespace nmperm {

/// float32 lanes of a vector, and the most vectors of a panel, on the instruction set in use.
int pair_kernel_lanes();
int pair_kernel_max_vectors();

/// sums += A * panel, or sums = A * panel where `first`: A is one tile, `panel` the block_columns(block) rows
/// of B in it, and sums (chunk rows + 1) rows, all of `vectors` vectors, 64-byte aligned.
void multiply_tile(const PairPlan& plan, int chunk, int block, int vectors, const float* panel, bool first,
                   float* sums);

}  // namespace nmperm
