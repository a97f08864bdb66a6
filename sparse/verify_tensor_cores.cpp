#include "sparse/verify_tensor_cores.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/rng.h"
#include "io/tensor.h"
#include "sparse/activations.h"
#include "sparse/compressed_matrix.h"
#include "sparse/mask.h"
#include "sparse/stored_weight.h"
#include "sparse/tensor_core_product.h"

namespace nmperm {
namespace {

/// Each value as its 16-bit format has it, whatever store() makes of it.
std::vector<float> rounded(const std::vector<float>& values, ValueType type) {
  std::vector<std::uint16_t> halves;
  halves.reserve(values.size());
  for (const float value : values) halves.push_back(type == ValueType::kF16 ? f16_of(value) : bf16_of(value));
  TensorInfo info;
  info.dtype = type == ValueType::kF16 ? DType::kF16 : DType::kBF16;
  std::vector<float> floats(values.size());
  convert_to_float32(info, std::as_bytes(std::span(halves)), floats);
  return floats;
}

double half_error(const Gpu& gpu, const StoredWeight& stored, const WeightView& pruned,
                  const Permutation& permutation, const VerifyOptions& options) {
  const int n = options.activations;
  const std::size_t count = static_cast<std::size_t>(pruned.columns) * static_cast<std::size_t>(n);
  const std::vector<float> b = rounded(random_activations(count, 0, options.seed), stored.type);
  const std::vector<float> weight = rounded({pruned.values.begin(), pruned.values.end()}, stored.type);
  return product_error({weight, pruned.rows, pruned.columns}, b, n,
                       tensor_core_product(gpu, stored, permuted_rows(b, n, permutation), n));
}

std::vector<std::int8_t> random_integers(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::int8_t> b(count);
  for (std::int8_t& value : b) value = static_cast<std::int8_t>(rng.below(255) - 127);
  return b;
}

double integer_error(const Gpu& gpu, const StoredWeight& stored, const WeightView& pruned,
                     const Permutation& permutation, const VerifyOptions& options) {
  const int n = options.activations;
  const std::size_t count = static_cast<std::size_t>(pruned.columns) * static_cast<std::size_t>(n);
  const std::vector<std::int8_t> b = random_integers(count, options.seed);
  return integer_product_error(pruned, b, n,
                               tensor_core_sums(gpu, stored, permuted_rows(b, n, permutation), n));
}

/// In the middle of every type's range: nothing overflows, and nothing but what is small beside the largest
/// becomes zero. A power of two changes no digit.
std::vector<float> balanced(const WeightView& weight) {
  const int exponent = balancing_exponent(weight);
  std::vector<float> values(weight.values.begin(), weight.values.end());
  for (float& value : values) value = std::ldexp(value, exponent);
  return values;
}

}  // namespace

double max_tensor_core_error(ValueType type, int columns) {
  return type == ValueType::kI8 ? 0 : std::max(1e-5, columns * 0x1p-27);
}

double integer_product_error(const WeightView& pruned, std::span<const std::int8_t> b, int n,
                             std::span<const std::int32_t> sums) {
  const auto columns = static_cast<std::size_t>(pruned.columns), width = static_cast<std::size_t>(n);
  double largest = 0;
  for (int r = 0; r < pruned.rows; ++r) {
    const std::span<const float> row(pruned.row(r), columns);
    const float scale = i8_scale(row);
    for (std::size_t j = 0; j < width; ++j) {
      std::int64_t exact = 0, magnitude = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        const std::int64_t term = std::int64_t{i8_of(row[c], scale)} * b[c * width + j];
        exact += term;
        magnitude += std::abs(term);
      }
      const std::int64_t error = std::abs(sums[static_cast<std::size_t>(r) * width + j] - exact);
      if (error == 0) continue;
      if (magnitude == 0) return std::numeric_limits<double>::infinity();
      largest = std::max(largest, static_cast<double>(error) / static_cast<double>(magnitude));
    }
  }
  return largest;
}

double verify_tensor_cores(const Gpu& gpu, ValueType type, const WeightView& weight,
                           const Permutation& permutation, const Pattern& pattern,
                           std::span<const std::uint8_t> mask, const VerifyOptions& options) {
  const int n = options.activations;
  if (n < 1) throw InputError("verification", "activations", std::to_string(n), "at least one");
  const std::vector<float> dense = balanced(weight);
  const WeightView view{dense, weight.rows, weight.columns};
  const StoredWeight stored = store(compress(view, pattern, permutation, mask), type);
  const std::vector<float> values = prune(view, permutation, mask);
  const WeightView pruned{values, weight.rows, weight.columns};
  return (type == ValueType::kI8 ? integer_error : half_error)(gpu, stored, pruned, permutation, options);
}

}  // namespace nmperm
