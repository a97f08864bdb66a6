// The 2:4 product on an NVIDIA GPU, by the instruction of its sparse tensor cores (mma.sp).
//
// For proofs, not for speed: every call compiles the program, copies the weight to the device and the result
// back.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sparse/cuda_driver.h"
#include "sparse/stored_weight.h"

namespace nmperm {

/// Y = A B, R x n, row-major, for a 2:4 weight of type f16, bf16 or i8 and b, C x n, row-major. b is rounded:
/// to nearest, ties to even, for f16 and bf16; for i8 to the multiples of one scale, its largest magnitude /
/// 127. Sums are those of the tensor cores in float32 (i8: exact, then times both scales). All shapes that
/// 2:4 has; C < 2^18 for i8, n <= 1 048 560.
///
/// Throws InputError as tensor_core_weight() and tensor_core_activations(), and, naming row and column, where
/// b is not finite or beyond the range of f16 or bf16; UnsupportedError where the driver refuses. Device
/// memory: what is stored of A, b and Y, filled up to blocks.
std::vector<float> tensor_core_product(const Gpu& gpu, const StoredWeight& a, std::span<const float> b,
                                       int n);

/// The sums of the integers alone, exact, for type i8.
std::vector<std::int32_t> tensor_core_sums(const Gpu& gpu, const StoredWeight& a,
                                           std::span<const std::int8_t> b, int n);

}  // namespace nmperm
