// mma.sp: D = A B + C for a 2:4 sparse matrix A, spread over the 32 lanes of a warp.
//
// Written from NVIDIA's "PTX ISA" 9, sections
//   9.7.14.6.1    Sparse matrix storage
//   9.7.14.6.2.2  Matrix Fragments for sparse mma.m16n8k32 with .f16 and .bf16 types
//   9.7.14.6.2.6  Matrix Fragments for sparse mma.m16n8k64 with .u8 / .s8 / .e4m3 / .e5m2 type
//   9.7.14.5.8    Matrix Fragments for mma.m16n8k16 with floating point type, for C and D
//   9.7.14.5.9    Matrix Fragments for mma.m16n8k16 with integer type, for C and D
//
// Of lane L, group is L / 4 and thread is L % 4. Element e of register r, counted from the low bits, is, with
// E = 2 elements in a register for 16 bits and E = 4 for bytes:
//   A, compressed, 16 x k / 2:  row group + 8 (r % 2),          column E (thread + 4 (r / 2)) + e
//   B, k x 8:                   row E (thread + 4 r) + e,       column group
//   C and D, 16 x 8:            row group + 8 (r / 2),          column 2 thread + r % 2
// Each chunk of four columns of a row of A has two neighbours in compressed A and four bits of metadata: the
// index of the first in the lower two, of the second in the upper two. Those of chunk j are
//   m16n8k32:  bits from 4 (j % 4) + 16 (row / 8)  of lane 4 (row % 8) + 2 selector + j / 4
//   m16n8k64:  bits from 4 (j % 8)                 of lane 4 (row % 8) + 2 (j / 8) + row / 8
// so that half the lanes contribute to the former, all to the latter, whose selector is 0.
//
// The text of the PTX ISA gives the columns of A as ranges (firstcol to lastcol); B and the metadata are
// figures (121, 122, 132 to 137). How they are read here was checked against what others made of them on
// hardware:
// - LLVM, mlir/test/Integration/Dialect/SparseTensor/GPU/CUDA/sparse-mma-2-4-f16.mlir (also D145447): all of
//   m16n8k32 with selector 0, though with the same metadata in all rows;
// - NVIDIA CUTLASS, tools/util/include/cutlass/util/host_reorder.h, reorder_meta(): the order of metadata in
//   memory from which one ldmatrix deals it to the lanes; it gives both lines above, and selector 1;
// - a dot_sparse for Triton, noheat61/triton, DOT_SPARSE_INTERNALS.md: both lines, the second one measured;
// - NVlabs/cuda-oxide, example sparse_mma_fp8: A, B, D of m16n8k64 (its bytes are fp8), found by a sweep.
// Where sources disagree:
// - The metadata of m16n8k64: a translator of PTX for other devices (__zlift_mma_sp_m16n8k64_s32_s8) takes a
//   chunk's bits from the lane that holds the chunk's elements, with rows g and g + 8 side by side. It says
//   nothing of NVIDIA's hardware; CUTLASS and the measurement agree on the line above, which is taken.
// - Descending indices: the PTX ISA calls only equal ones undefined for mma.sp (0b0000, 0b0101, 0b1010,
//   0b1111), and cuda-oxide saw the other twelve work. Only mma.sp::ordered_metadata, which newer devices
//   want, asks for ascending ones. Here descending ones are refused all the same: what passes is good for
//   both.
#pragma once

#include <array>
#include <cstdint>

#include "tests/support/emulated_cuda/ptx.h"

namespace nmperm::emulated_cuda {

constexpr int kLanes = 32;

using Fragment = std::array<std::uint32_t, 4>;  // one lane's registers
using Fragments = std::array<Fragment, kLanes>;

/// Whether mma.sp reads the metadata of this lane.
bool contributes_metadata(MmaElement element, unsigned selector, int lane);

/// D. Sums are bits of f32 or s32. Floats: products and sums in double, rounded once, where hardware rounds
/// (or cuts) more often in an order that is not documented. Bytes: exact, sums wrap. Metadata of lanes that
/// do not contribute is not looked at. Throws Fault(kLaunchFailed) at metadata that is undefined or
/// descending, naming row, chunk and lane.
Fragments sparse_mma(MmaElement element, unsigned selector, const Fragments& a, const Fragments& b,
                     const Fragments& c, const std::array<std::uint32_t, kLanes>& metadata);

}  // namespace nmperm::emulated_cuda
