// Columns of one segment with scores rounded to integers, so that every sum is exact and bounds are proofs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/problem.h"

namespace nmperm {

/// What scores are multiplied with before they are rounded to integers: the power of two that makes the total
/// of all scores less than 2^46. Any sum or difference of magnitudes is then an integer below 2^53, which
/// float64 holds exactly, and so does JSON in any language; so are reduced costs with duals that most_dual()
/// limits. A float32 score of at least 2^-22 of the total is not rounded at all, and smaller ones by at most
/// 2^-47 of it. 1 for a matrix of zeros. O(1).
double integer_scale(const Problem& problem);

/// Duals of larger size are cut to this: reduced costs, also of repaired duals, then stay below 2^53.
double most_dual(const Pattern& pattern);

/// Integer scores of the columns of one segment, as float64. Equal columns are merged: a *type* stands for
/// all columns that hold the same integers (dead channels leave many), and a group is a multiset of types.
/// Types are numbered by their first column. 8 R bytes a type.
class IntegerColumns {
 public:
  /// O(R C).
  IntegerColumns(const Problem& problem, int segment);

  const Pattern& pattern() const { return pattern_; }
  int rows() const { return rows_; }
  /// Of the segment.
  int columns() const { return static_cast<int>(type_of_.size()); }
  int groups() const { return columns() / pattern_.group; }
  int types() const { return static_cast<int>(members_.size()); }
  /// How many columns are of type t.
  int multiplicity(int t) const { return static_cast<int>(members(t).size()); }
  /// Columns of the problem that are of type t, ascending.
  const std::vector<int>& members(int t) const { return members_[static_cast<std::size_t>(t)]; }

  double scale() const { return scale_; }
  /// Most by which rounding changes the kept or pruned magnitude of any permutation, times scale().
  double rounding() const { return rounding_; }

  /// Sum of one column of type t, and of all columns.
  double type_total(int t) const { return type_total_[static_cast<std::size_t>(t)]; }
  double total() const { return total_; }
  /// What the pattern prunes from a group of M types: an integer. O(R M N), vectorised.
  double pruned(const std::uint16_t* types) const;

  /// Sum of duals of types, each as often as the type occurs; exact, and cut to 2^53, which is more than
  /// anything prunes.
  double sum_over_columns(const std::vector<double>& duals) const;

  /// The types of columns of the problem (all of this segment), in their order.
  std::vector<std::uint16_t> types_of(std::span<const int> columns) const;
  /// Columns of the problem for a list that holds every type as often as it occurs.
  std::vector<int> columns_of(std::span<const std::uint16_t> types) const;

 private:
  struct Free {
    void operator()(double* data) const;
  };
  double* column(int t) const { return scores_.get() + static_cast<std::size_t>(t) * stride_; }

  Pattern pattern_;
  int rows_, first_;
  double scale_, rounding_ = 0, total_ = 0;
  std::size_t stride_;
  std::vector<std::vector<int>> members_;
  std::vector<int> type_of_;  // of column first_ + i
  std::vector<double> type_total_;
  std::unique_ptr<double[], Free> scores_;
};

}  // namespace nmperm
