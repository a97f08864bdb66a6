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

/// Errors above this are not those of the tensor cores' sums: 1e-5 for f16 and bf16, 0 for i8.
///
/// Products of 16-bit numbers are exact in float32, but tensor cores align the terms of a sum to the largest
/// and cut off what is below its last bits instead of rounding (Fasi, Higham, Mikaitis and Pranesh,
/// "Numerical behavior of NVIDIA tensor cores", PeerJ Computer Science 7:e330, 2021,
/// DOI 10.7717/peerj-cs.330). Always towards zero, so errors grow with the number of instructions in a row. A
/// model of such sums (8 or 16 products an instruction, no, one or two bits more than float32 has, normally
/// distributed weights) yields up to 6e-7 of sum |a||b| at C = 4096 and 2e-6 at 65536; float32 rounding of
/// the vector kernels 2e-7. One value in the wrong place is off by about 1 / C, wrong metadata by 0.1.
double max_tensor_core_error(ValueType type);

/// Permutes the columns of `weight` (R x C, row-major), prunes them by `mask` (as pattern_mask() makes it),
/// compresses them in the given type, f16, bf16 or i8, and multiplies them on the GPU with random activations
/// of the same type whose rows are permuted alike. Compares with the sums in double (i8: in integers) of the
/// pruned weight in its original order, rounded to the type, and the same activations. Returns the largest
/// |error| / sum |a||b|, as product_error(); i8: of the sums of integers, 0 where all are equal. The caller
/// fails above max_tensor_core_error().
///
/// Throws InputError as verify_sparse_product(), where the pattern is not 2:4, where the type is f32, and
/// where a value is beyond the range of the type; UnsupportedError where the driver refuses. O(R C n) on the
/// CPU.
double verify_tensor_cores(const Gpu& gpu, ValueType type, const WeightView& weight,
                           const Permutation& permutation, const Pattern& pattern,
                           std::span<const std::uint8_t> mask, const VerifyOptions& options = {});

}  // namespace nmperm
