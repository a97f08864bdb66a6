// The columns of a segment as the certificate checker sees them: integers, and classes of equal columns.
// Written without any part of the solvers, so that it can check them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/problem.h"

namespace nmperm {

/// Aligned to 64 bytes, for vector kernels.
struct FreeAligned {
  void operator()(double* data) const;
};
using AlignedDoubles = std::unique_ptr<double[], FreeAligned>;
/// Zeros.
AlignedDoubles aligned_doubles(std::size_t count);

/// Scores times `scale`, rounded to the nearest integers (ties to even). Equal columns form a class, and
/// classes are numbered by their first column. 16 R C bytes.
class CertificateColumns {
 public:
  /// The sum of the integers must be below 2^53. O(R C log C).
  CertificateColumns(const Problem& problem, int segment, double scale);

  const Pattern& pattern() const { return pattern_; }
  /// Rounded up to a multiple of 8; the rest are zeros.
  std::size_t rows() const { return rows_; }
  int columns() const { return static_cast<int>(class_of_.size()); }
  std::size_t classes() const { return size_.size(); }

  /// The segment's first column in the problem.
  int begin() const { return begin_; }
  bool contains(int column) const { return column >= begin_ && column - begin_ < columns(); }
  /// Class of a column of the problem that lies in the segment.
  std::size_t class_of(int column) const { return class_of_[static_cast<std::size_t>(column - begin_)]; }
  /// How many columns the class has.
  int size_of(std::size_t c) const { return size_[c]; }
  /// Number of groups: multisets of M classes that use no class more often than it has columns.
  double groups() const;

  /// Sum of a column of the class, and of all columns.
  std::int64_t total_of(std::size_t c) const { return total_of_[c]; }
  std::int64_t total() const { return total_; }
  /// Sum over rows of the C - C*N/M smallest integers: every permutation prunes at least this.
  std::int64_t row_bound_pruned() const { return row_bound_pruned_; }

  /// Scores of class c, one after the other.
  const double* column(std::size_t c) const { return by_column_.get() + c * rows_; }
  /// Scores of the classes 8 p .. 8 p + 7, row by row; those of classes that do not exist are zeros.
  const double* panel(std::size_t p) const;
  std::size_t panels() const;

 private:
  Pattern pattern_;
  int begin_;
  std::size_t rows_;
  std::vector<std::size_t> class_of_;
  std::vector<int> size_;
  std::vector<std::int64_t> total_of_;
  std::int64_t total_ = 0, row_bound_pruned_ = 0;
  AlignedDoubles by_column_, by_panel_;
};

}  // namespace nmperm
