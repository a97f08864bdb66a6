// Proof on real hardware: what the sparse tensor cores of a GPU compute from a permuted, pruned and
// compressed weight is what the pruned weight computes.
#pragma once

#include <cstdint>
#include <span>

#include "core/pattern.h"
#include "core/permutation.h"
#include "sparse/cuda_driver.h"
#include "sparse/value_type.h"
#include "sparse/verify_product.h"
#include "sparse/weight_view.h"

namespace nmperm {

/// Errors above this are not those of the tensor cores' sums of C = `columns` columns: for f16 and bf16
/// max(1e-5, C * 2^-27), for i8 0.
///
/// Products of 16-bit numbers are exact in float32, but tensor cores align the terms of a sum to the largest
/// and cut off what is below its last bits instead of rounding (Fasi, Higham, Mikaitis and Pranesh,
/// "Numerical behavior of NVIDIA tensor cores", PeerJ Computer Science 7:e330, 2021,
/// DOI 10.7717/peerj-cs.330). Always towards zero, so errors grow with the number of instructions in a row,
/// most where a few weights dominate it. A model of such sums (8 or 16 products an instruction, no, one or
/// two bits more than float32 has) yields 4e-7 of sum |a||b| for normally distributed weights at C = 4096,
/// 1.2e-5 where four weights outweigh all others, 4.6e-5 at C = 16384; float32 rounding of the vector kernels
/// 2e-7. One value in the wrong place is off by about 1 / C, which this limit sees up to some 10,000 columns;
/// wrong metadata by 0.1. i8 sees everything at any size.
double max_tensor_core_error(ValueType type, int columns);

/// The largest |error| / sum |a||b| of sums of integers (R x n) for C x n integers b: those of `pruned`
/// (R x C), whose rows are rounded as store() rounds them for i8. 0 where all are equal; infinity where a sum
/// must be zero and is not. O(R C n).
double integer_product_error(const WeightView& pruned, std::span<const std::int8_t> b, int n,
                             std::span<const std::int32_t> sums);

/// Permutes the columns of `weight` (R x C, row-major), times the power of two that brings the largest near
/// 1, prunes them by `mask` (as pattern_mask() makes it), compresses them in the given type, f16, bf16 or i8,
/// and multiplies them on the GPU with random activations of the same type whose rows are permuted alike.
/// Compares with the sums in double (i8: in integers) of the pruned weight in its original order, rounded to
/// the type, and the same activations. Returns the largest |error| / sum |a||b|, as product_error() and
/// integer_product_error(). The caller fails above max_tensor_core_error().
///
/// Throws InputError as verify_sparse_product(), where the pattern is not 2:4, and where the type is f32;
/// UnsupportedError where the driver refuses. Time O(R C n) on the CPU, memory 18 R C bytes.
double verify_tensor_cores(const Gpu& gpu, ValueType type, const WeightView& weight,
                           const Permutation& permutation, const Pattern& pattern,
                           std::span<const std::uint8_t> mask, const VerifyOptions& options = {});

}  // namespace nmperm
