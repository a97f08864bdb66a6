#include "sparse/product.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"
#include "sparse/lookup_kernel.h"
#include "sparse/panel_product.h"
#include "sparse/reference_product.h"

namespace nmperm {

SparseProduct::SparseProduct(CompressedMatrix a) : rows_(a.rows), columns_(a.columns) {
  a.validate();
  if (a.pattern != Pattern{2, 4}) {
    plain_ = std::move(a);
    return;
  }
  pairs_ = make_pair_plan(a);
  if (lookup_kernel_lanes() > 0) lookups_ = make_lookup_plan(a, lookup_kernel_lanes());
}

void SparseProduct::multiply(std::span<const float> b, int n, std::span<float> y, ProductWorkspace& workspace,
                             int threads) const {
  const auto require = [n](const char* what, std::size_t size, int height) {
    const std::string shape = std::to_string(height) + " x " + std::to_string(n);
    if (n > 0 && size == static_cast<std::size_t>(height) * static_cast<std::size_t>(n)) return;
    throw InputError("sparse product", what, std::to_string(size) + " values for " + shape,
                     "rows times columns of them");
  };
  require("b", b.size(), columns_);
  require("y", y.size(), rows_);
  if (threads < 1) throw InputError("sparse product", "threads", std::to_string(threads), "at least one");
  if (pairs_.tiles.empty()) {
    reference_product(plain_, b.data(), n, y.data());
  } else if (lookups_.lanes > 0 && n <= kLookupMaxColumns) {
    multiply_by_lookups(b.data(), n, y.data(), workspace, threads);
  } else {
    multiply_by_panels(pairs_, b.data(), n, y.data(), workspace, threads);
  }
}

void SparseProduct::multiply_by_lookups(const float* b, int n, float* y, ProductWorkspace& workspace,
                                        int threads) const {
  const auto padded = static_cast<std::size_t>(lookups_.padded_columns());
  const auto width = static_cast<std::size_t>(n);
  workspace.reserve(1);
  float* const columns = workspace.floats(0, width * padded);
  for (std::size_t j = 0; j < width; ++j) {
    float* const column = columns + j * padded;
    for (std::size_t c = 0; c < static_cast<std::size_t>(columns_); ++c) column[c] = b[c * width + j];
    std::fill(column + columns_, column + padded, 0.0f);
  }
  const int used = std::min(threads, lookups_.units());
#pragma omp parallel for schedule(static, 1) num_threads(used) if (used > 1)
  for (int t = 0; t < used; ++t) {
    const auto share = [&](int i) {
      return static_cast<int>(static_cast<long>(lookups_.units()) * i / used);
    };
    multiply_by_lookup(lookups_, columns, n, share(t), share(t + 1), y);
  }
}

}  // namespace nmperm
