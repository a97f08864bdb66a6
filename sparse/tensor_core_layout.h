// A compressed 2:4 weight and its right-hand side in the order in which the lanes of a warp feed them to the
// sparse tensor cores.
//
// Source: NVIDIA, PTX ISA (docs.nvidia.com/cuda/parallel-thread-execution), "Sparse matrix storage" and
// "Matrix Fragments for sparse mma.m16n8k32 with .f16 and .bf16 types" and "... mma.m16n8k64 with .u8/.s8
// ...". The bits of the metadata, which the manual shows in figures only, are those of three more: LLVM's
// integration test sparse-mma-2-4-f16.mlir, CuTe's ELayout of a 16x8x64 instruction
// (include/cute/atom/mma_traits_sm120_sparse.hpp of CUTLASS), and CUTLASS's order of metadata, which
// sparse/torch_layout.h describes.
//
// One instruction multiplies 16 rows by K columns of A (K = 32 for f16 and bf16, 64 for i8; half of them
// stored) and K rows by 8 columns of B. Lane 4 g + t of the warp, g = 0 .. 7, t = 0 .. 3, holds
//
// - of A four registers of 32 bits: register 0 is the stored values of row g and the columns from 4 t on
//   (i8: the 8 columns from 8 t on), register 1 the same of row g + 8, registers 2 and 3 the same rows K / 2
//   columns on;
// - of B, column g, four registers: register i is rows K / 4 * i + 2 t and the next (i8: 16 i + 4 t and the
//   next three);
// - of the sums four: row g, columns 2 t and 2 t + 1; then row g + 8;
// - a word of metadata, a nibble for each group of four columns, the first in the lowest bits, as in
//   StoredWeight::indices. f16 and bf16: two lanes of four describe the instruction, t = 0 and 1 with
//   sparsity selector 0, t = 2 and 3 with selector 1. The first of the two has row g in its lower and row g +
//   8 in its upper half, columns 0 .. 15; the second the same for columns 16 .. 31. i8: all four lanes,
//   selector 0; t = 0 is row g, columns 0 .. 31; t = 1 row g + 8; t = 2 and 3 the same rows, columns 32
//   .. 63.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sparse/stored_weight.h"

namespace nmperm {

inline constexpr int kWarpLanes = 32;
/// A warp computes two instructions' rows by two instructions' columns.
inline constexpr int kWarpRows = 32, kWarpColumns = 16;

/// Four registers of each lane of a warp, lane after lane: 512 bytes that a warp loads at once.
using LaneRegisters = std::array<std::array<std::uint32_t, 4>, kWarpLanes>;

/// Columns of A (rows of B) of one instruction: 32 for f16 and bf16, 64 for i8.
int instruction_depth(ValueType type);

/// A weight for the tensor cores. Rows and columns are filled up: zeros, and the code of kept 1100 in the
/// metadata, which knows no code for nothing kept.
struct TensorCoreWeight {
  ValueType type = ValueType::kF16;
  int rows = 0, columns = 0;  ///< of the weight
  int row_blocks = 0;         ///< of kWarpRows rows
  int steps = 0;              ///< of instruction_depth() columns
  std::vector<float> scales;  ///< as StoredWeight::scales
  /// The values: values[(row block * steps + step) * 2 + half] is rows 32 * row block + 16 * half on.
  std::vector<LaneRegisters> values;
  /// Words of the lanes. f16 and bf16: [step][row block][lane], where lanes with t = 0 and 1 describe the
  /// first 16 rows and those with t = 2 and 3 the rest; i8: [step][row block][half][lane]. It is the order of
  /// torch_metadata().
  std::vector<std::uint32_t> metadata;
};

/// Throws InputError unless the pattern is 2:4, the type f16, bf16 or i8, and all is as restore() asks. O(R
/// C).
TensorCoreWeight tensor_core_weight(const StoredWeight& stored);

/// Right-hand sides for it: values[(column block * steps + step) * 2 + half] is columns 16 * column block + 8
/// * half on; filled up with zeros.
struct TensorCoreActivations {
  int columns = 0;
  int column_blocks = 0;  ///< of kWarpColumns columns
  std::vector<LaneRegisters> values;
};

/// C x n 16-bit numbers (the bits of f16 or bf16), or C x n integers, row-major. Throws InputError unless
/// b.size() = C * n and n is 1 .. 1 048 560. O(C n).
TensorCoreActivations tensor_core_activations(const TensorCoreWeight& a, std::span<const std::uint16_t> b,
                                              int n);
TensorCoreActivations tensor_core_activations(const TensorCoreWeight& a, std::span<const std::int8_t> b,
                                              int n);

}  // namespace nmperm
