// Proof by computation that a permuted, pruned and compressed weight does what the pruned weight does.
#pragma once

#include <cstdint>
#include <span>

#include "core/pattern.h"
#include "core/permutation.h"
#include "sparse/weight_view.h"

namespace nmperm {

/// Errors above this are not those of float32 rounding.
inline constexpr double kMaxProductError = 1e-6;

/// The largest |error| / sum |a||b| among the elements of y (R x n), which should be pruned * b (R x C times
/// C x n, all row-major), against sums in double. Error that float32 underflow explains does not count;
/// infinity where an element is not finite, or must be zero and is not. Throws InputError where the shapes do
/// not fit. O(R C n).
double product_error(const WeightView& pruned, std::span<const float> b, int n, std::span<const float> y);

struct VerifyOptions {
  int activations = 19;  ///< columns of the random right-hand side; vector kernels and their tails both run
  std::uint64_t seed = 0;
};

/// Permutes the columns of `weight` (R x C, row-major), prunes them by magnitude, compresses them and
/// multiplies them with random activations whose rows are permuted alike; compares with the product in double
/// of the pruned weight in its original order. Returns product_error(): the caller fails above
/// kMaxProductError.
///
/// 2:4 runs the vector kernels, other patterns the plain product. Time O(R C * activations), memory 14 R C
/// bytes. Throws InputError when the shapes do not fit, the permutation is none of the columns, C is no
/// multiple of M, or an element is not finite (row and column named).
double verify_sparse_product(const WeightView& weight, const Permutation& permutation, const Pattern& pattern,
                             const VerifyOptions& options = {});
/// The same with a mask by other scores, as pattern_mask() makes it. Throws InputError also where it is none.
double verify_sparse_product(const WeightView& weight, const Permutation& permutation, const Pattern& pattern,
                             std::span<const std::uint8_t> mask, const VerifyOptions& options = {});

}  // namespace nmperm
