// The product with a compressed weight, Y = A B, planned once and run often.
#pragma once

#include <span>

#include "sparse/compressed_matrix.h"
#include "sparse/lookup_plan.h"
#include "sparse/pair_plan.h"
#include "sparse/product_workspace.h"

namespace nmperm {

/// A plan for multiplying with one compressed weight. 2:4 runs on vector kernels, other patterns on the plain
/// product. Made for the instruction set of the machine it is made on.
class SparseProduct {
 public:
  /// Throws InputError when the matrix is not valid.
  explicit SparseProduct(CompressedMatrix a);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  /// Empty where the pattern is not 2:4.
  const PairPlan& plan() const { return pairs_; }

  /// y = a * b: b is C x n row-major, y is R x n row-major, apart in memory. The result is the same for any
  /// number of threads. Throws InputError unless n and threads are positive and b and y have these sizes. O(R
  /// C N/M n).
  void multiply(std::span<const float> b, int n, std::span<float> y, ProductWorkspace& workspace,
                int threads = 1) const;

 private:
  void multiply_by_lookups(const float* b, int n, float* y, ProductWorkspace& workspace, int threads) const;

  int rows_, columns_;
  PairPlan pairs_;
  LookupPlan lookups_;
  CompressedMatrix plain_;  // where the pattern has no fast product
};

}  // namespace nmperm
