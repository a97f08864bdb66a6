// Which group every column is in: the variables x_ik that the compact programs (bqp, blp) share.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formulations/formulation.h"

namespace nmperm {

/// Whether programs tell the groups of a segment from each other only by their first columns.
enum class SymmetryBreaking { kOff, kOn };

/// Binary x_ik = 1 where column i is in group k of its segment:
///     sum_k x_ik = 1 for every column i,    sum_i x_ik = M for every group k.
///
/// Exchanging groups changes nothing, so every division into G groups has G! solutions. Symmetry breaking
/// leaves the one whose groups ascend by their first columns: column i can be in group k > 0 only where an
/// earlier column is in group k-1,
///     x_ik <= sum_{i' < i} x_i',k-1    (and x_ik = 0 for i < k),
/// (G - 1) (C - G / 2) rows more for each segment.
///
/// Variables are numbered by column, then by group; i and k count from the problem's first. Rows come first
/// in the program, so that their numbers are those counted here.
class GroupAssignment {
 public:
  GroupAssignment(const FormulationScope& scope, SymmetryBreaking symmetry_breaking);

  /// One x_ik.
  struct Variable {
    int column, group;
  };
  int count() const { return static_cast<int>(variables_.size()); }
  const Variable& variable(int v) const { return variables_[static_cast<std::size_t>(v)]; }
  /// Number of x_ik for the first group of column i's segment; the others follow.
  int first_variable(int column) const;
  /// First group of the scope, and how many there are.
  int first_group() const { return first_group_; }
  int groups() const { return groups_; }

  int rows() const { return rows_; }
  void add_rows(MixedIntegerProgram& program) const;
  /// Appends the entries that x_v has in these rows, ascending.
  void append_entries(int v, std::vector<int>& rows, std::vector<double>& coefficients) const;
  /// 0 where symmetry breaking excludes it, else 1.
  double upper_bound(int v) const;
  std::string row_name(int row) const;
  std::string variable_name(int v) const;

  /// Sets x (the first values of a solution) to a permutation of the scope's columns; where the groups'
  /// names matter, they ascend by their first columns.
  void encode(std::span<const int> permutation, std::span<double> solution) const;
  /// The permutation, canonical in each segment. Throws InternalError where it is none.
  std::vector<int> decode(std::span<const double> solution) const;

 private:
  struct Block {  // a segment
    int first_column, columns, first_group, groups;
    int first_variable;
    int first_order_row;  // of symmetry breaking
  };
  const Block& block_of(int column) const;
  // Row of symmetry breaking for the block's i-th column and k-th group, 1 <= k <= i.
  static int order_row(const Block& block, int i, int k);

  int group_size_;
  SymmetryBreaking symmetry_breaking_;
  std::vector<Block> blocks_;
  std::vector<Variable> variables_;
  int first_column_, columns_ = 0, first_group_, groups_ = 0, rows_ = 0;
};

/// Sizes of a compact program: x_ik, and for each of them R products with the rows of scores.
struct CompactSize {
  double assignments;  ///< C G, summed over segments
  double products;     ///< R C G
};
CompactSize compact_size(const FormulationScope& scope);

/// Deletions of one solution of x: for every row of scores and every group the M - N columns with the
/// smallest scores. Calls delete_entry(column, row) for each.
void for_each_deletion(const FormulationScope& scope, std::span<const int> permutation,
                       const std::function<void(int column, int row)>& delete_entry);

}  // namespace nmperm
