#include "sparse/verify_product.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "sparse/activations.h"
#include "sparse/compressed_matrix.h"
#include "sparse/mask.h"
#include "sparse/product.h"

namespace nmperm {
namespace {

/// One row of the dense product in double, and what its rounding errors are measured against.
struct DenseRow {
  std::vector<double> sums, magnitudes;
};

void multiply_row(std::span<const float> row, std::span<const float> b, DenseRow& out) {
  std::fill(out.sums.begin(), out.sums.end(), 0.0);
  std::fill(out.magnitudes.begin(), out.magnitudes.end(), 0.0);
  const std::size_t n = out.sums.size();
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (row[c] == 0) continue;
    const double value = static_cast<double>(row[c]);
    for (std::size_t j = 0; j < n; ++j) {
      const double term = value * static_cast<double>(b[c * n + j]);
      out.sums[j] += term;
      out.magnitudes[j] += std::fabs(term);
    }
  }
}

double relative_error(double computed, double exact, double magnitude, double underflow) {
  if (!std::isfinite(computed)) return std::numeric_limits<double>::infinity();
  const double error = std::max(0.0, std::fabs(computed - exact) - underflow);
  return error > 0 ? error / magnitude : 0;
}

}  // namespace

double product_error(const WeightView& pruned, std::span<const float> b, int n, std::span<const float> y) {
  pruned.validate();
  const auto width = static_cast<std::size_t>(n), columns = static_cast<std::size_t>(pruned.columns);
  if (n < 1 || b.size() != columns * width || y.size() != static_cast<std::size_t>(pruned.rows) * width) {
    throw InputError("verification", "shape",
                     std::to_string(b.size()) + " and " + std::to_string(y.size()) + " values for " +
                         std::to_string(n) + " columns",
                     "as many rows of b and y as columns and rows of the weight");
  }
  // Each of the C products and C sums may lose half of the smallest float32.
  const double underflow = pruned.columns * 0x1p-149;
  DenseRow exact{std::vector<double>(width), std::vector<double>(width)};
  double largest = 0;
  for (int r = 0; r < pruned.rows; ++r) {
    multiply_row({pruned.row(r), columns}, b, exact);
    const auto computed = y.subspan(static_cast<std::size_t>(r) * width, width);
    for (std::size_t j = 0; j < width; ++j) {
      largest = std::max(largest, relative_error(static_cast<double>(computed[j]), exact.sums[j],
                                                 exact.magnitudes[j], underflow));
    }
  }
  return largest;
}

double verify_sparse_product(const WeightView& weight, const Permutation& permutation, const Pattern& pattern,
                             const VerifyOptions& options) {
  return verify_sparse_product(weight, permutation, pattern, magnitude_mask(weight, pattern, permutation),
                               options);
}

double verify_sparse_product(const WeightView& weight, const Permutation& permutation, const Pattern& pattern,
                             std::span<const std::uint8_t> mask, const VerifyOptions& options) {
  const int n = options.activations;
  if (n < 1) throw InputError("verification", "activations", std::to_string(n), "at least one");
  const std::size_t count = static_cast<std::size_t>(weight.columns) * static_cast<std::size_t>(n);
  const std::vector<float> b = random_activations(count, balancing_exponent(weight), options.seed);
  const SparseProduct product(compress(weight, pattern, permutation, mask));
  std::vector<float> y(static_cast<std::size_t>(weight.rows) * static_cast<std::size_t>(n));
  ProductWorkspace workspace;
  product.multiply(permuted_rows(b, n, permutation), n, y, workspace);
  const std::vector<float> pruned = prune(weight, permutation, mask);
  return product_error({pruned, weight.rows, weight.columns}, b, n, y);
}

}  // namespace nmperm
