#include "sparse/verify_tensor_cores.h"

#include <algorithm>
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
  // The sums of f16 stay far inside the range of float32, but not its factors inside that of f16.
  const int exponent = stored.type == ValueType::kF16 ? 0 : balancing_exponent(pruned);
  const std::vector<float> b = rounded(random_activations(count, exponent, options.seed), stored.type);
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

/// The largest |error| / sum |a||b| of sums of integers.
double integer_error(const Gpu& gpu, const StoredWeight& stored, const WeightView& pruned,
                     const Permutation& permutation, const VerifyOptions& options) {
  const auto n = static_cast<std::size_t>(options.activations);
  const auto columns = static_cast<std::size_t>(pruned.columns);
  const std::vector<std::int8_t> b = random_integers(columns * n, options.seed);
  const std::vector<std::int32_t> sums =
      tensor_core_sums(gpu, stored, permuted_rows(b, options.activations, permutation), options.activations);
  double largest = 0;
  for (int r = 0; r < pruned.rows; ++r) {
    const std::span<const float> row(pruned.row(r), columns);
    const float scale = i8_scale(row);
    for (std::size_t j = 0; j < n; ++j) {
      std::int64_t exact = 0, magnitude = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        const std::int64_t term = std::int64_t{i8_of(row[c], scale)} * b[c * n + j];
        exact += term;
        magnitude += std::abs(term);
      }
      const std::int64_t error = std::abs(sums[static_cast<std::size_t>(r) * n + j] - exact);
      if (error == 0) continue;
      if (magnitude == 0) return std::numeric_limits<double>::infinity();
      largest = std::max(largest, static_cast<double>(error) / static_cast<double>(magnitude));
    }
  }
  return largest;
}

}  // namespace

double max_tensor_core_error(ValueType type) {
  return type == ValueType::kI8 ? 0 : 1e-5;
}

double verify_tensor_cores(const Gpu& gpu, ValueType type, const WeightView& weight,
                           const Permutation& permutation, const Pattern& pattern,
                           std::span<const std::uint8_t> mask, const VerifyOptions& options) {
  const int n = options.activations;
  if (n < 1) throw InputError("verification", "activations", std::to_string(n), "at least one");
  const StoredWeight stored = store(compress(weight, pattern, permutation, mask), type);
  const std::vector<float> values = prune(weight, permutation, mask);
  const WeightView pruned{values, weight.rows, weight.columns};
  return (type == ValueType::kI8 ? integer_error : half_error)(gpu, stored, pruned, permutation, options);
}

}  // namespace nmperm
