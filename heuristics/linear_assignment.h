// Dense linear assignment, started from an assignment that is already good.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace nmperm {

/// Finds a permutation of columns that maximises sum_i w[i][assignment(i)], starting from the identity.
///
/// Shortest augmenting paths (Jonker & Volgenant, Computing 38, 1987, DOI 10.1007/BF02278710) with dual
/// potentials that are first fitted to the identity in at most three sweeps: where the identity is nearly
/// optimal most rows keep their column and few paths are needed. O(n^2) for the sweeps and O(n^2) a path at
/// worst, in float32: the result is always a permutation, and optimal up to rounding of the entries. Scratch
/// memory 20 bytes a column, kept between calls.
class LinearAssignment {
 public:
  /// w has n rows of n entries, `stride` apart. Returns assignment()[i], the column of row i; the identity
  /// where nothing is better.
  const std::vector<int>& solve(const float* w, std::size_t n, std::size_t stride);

 private:
  bool fit_duals(const float* w, std::size_t n, std::size_t stride);
  void augment(const float* w, std::size_t n, std::size_t stride, std::size_t free_row);

  std::vector<int> column_of_, row_of_;  // -1: free
  std::vector<float> row_dual_, column_dual_, open_dual_, distance_, settled_distance_;
  std::vector<int> predecessor_;
  std::vector<int> settled_;
};

}  // namespace nmperm
