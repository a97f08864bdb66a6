// mma.sp: D = A B + C for a 2:4 sparse matrix A, spread over the 32 lanes of a warp.
//
// Written from NVIDIA's "PTX ISA" (read: 9.x), sections
//   9.7.14.6.1    Sparse matrix storage
//   9.7.14.6.2.2  Matrix Fragments for sparse mma.m16n8k32 with .f16 and .bf16 types
//   9.7.14.6.2.6  Matrix Fragments for sparse mma.m16n8k64 with .u8/.s8/.e4m3/.e5m2 type
//   9.7.14.5.8/9  Matrix Fragments for mma.m16n8k16, for C and D
// With group = lane / 4, thread = lane % 4, register r and element e of a register (from its low bits):
//   A, compressed 16 x k/2:  row group + 8 (r % 2)   column E (thread + 4 (r / 2)) + e      E = 2 for 16
//   bits, 4 for 8 B, k x 8:                row E (thread + 4 r) + e column group C, D, 16 x 8:            row
//   group + 8 (r / 2)   column 2 thread + r % 2 metadata: each chunk of four columns of a row has four bits,
//   the index of its first kept element in the lower two, of its second one in the upper two; the two
//   elements are neighbours in A. For chunk j of a row
//     m16n8k32: bits 4 (j % 4) + 16 (row / 8) of lane 4 (row % 8) + 2 selector + j / 4    (half the lanes
//     contribute) m16n8k64: bits 4 (j % 8) of lane 4 (row % 8) + 2 (j / 8) + row / 8                 (all
//     lanes, selector 0)
// The text gives A's columns as a range for each element (firstcol to lastcol); B and the metadata are
// figures (121, 122, 132 to 137). What the figures say was checked against what was published of runs on
// hardware:
// - LLVM, mlir/test/Integration/Dialect/SparseTensor/GPU/CUDA/sparse-mma-2-4-f16.mlir: all of m16n8k32,
// selector 0;
// - NVIDIA CUTLASS, tools/util/include/cutlass/util/host_reorder.h, reorder_meta(): the order in which
// metadata lies in
//   memory so that one ldmatrix deals it to the lanes; it gives both lines above, and selector 1 for 16 bits;
// - a dot_sparse for Triton (noheat61/triton, DOT_SPARSE_INTERNALS.md): both lines, measured on sm_86 and
// sm_89;
// - NVlabs/cuda-oxide, example sparse_mma_fp8: A, B, D of m16n8k64, found by a sweep on hardware (bytes are
// fp8 there).
//
// Where sources disagree:
// - the metadata of m16n8k64. A translator of PTX for other devices (its __zlift_mma_sp_m16n8k64_s32_s8)
// takes a chunk's
//   bits from the lane that holds the chunk's elements of A, rows g and g + 8 interleaved. It is nowhere
//   compared with NVIDIA's hardware, and CUTLASS and the measurement agree on the line above: that line it
//   is.
// - descending indices. The PTX ISA forbids only equal ones for mma.sp (0b0000, 0b0101, 0b1010, 0b1111), and
// cuda-oxide
//   found the twelve others to work; mma.sp::ordered_metadata, which newer devices want, takes ascending ones
//   alone. This emulation refuses what the latter refuses: a kernel that passes here can move on.
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
