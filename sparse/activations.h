// Random right-hand sides for products that are to be verified.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/permutation.h"
#include "sparse/weight_view.h"

namespace nmperm {

/// The exponent of a power of two that brings the largest weight near 1, so that products with it neither
/// overflow nor lose digits to underflow.
int balancing_exponent(const WeightView& weight);

/// Random numbers in [-2^exponent, 2^exponent).
std::vector<float> random_activations(std::size_t count, int exponent, std::uint64_t seed);

/// Row permutation[i] of b (C x n, row-major) becomes row i. O(C n).
template <typename Value>
std::vector<Value> permuted_rows(const std::vector<Value>& b, int n, const Permutation& permutation) {
  std::vector<Value> permuted;
  permuted.reserve(b.size());
  for (const int c : permutation) permuted.insert(permuted.end(), b.begin() + c * n, b.begin() + (c + 1) * n);
  return permuted;
}

}  // namespace nmperm
