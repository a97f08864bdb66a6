// The weights that read a set of whole groups, with their columns in an order that exchanges change.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/objective.h"
#include "core/score_matrix.h"
#include "network/network_plan.h"

namespace nmperm {

/// Columns `a` and `b` of matrix number `matrix` trade places.
struct ColumnPair {
  int matrix, a, b;
};

/// Exact kept magnitudes under exchanges of columns. A weight whose columns are permuted in blocks (a grouped
/// convolution) is one matrix for each block, which moves with its group.
class ColumnOrders {
 public:
  /// All that exchanges change.
  struct State {
    std::vector<Permutation> orders;               ///< of each matrix
    std::vector<std::vector<double>> groups_kept;  ///< of each group of M columns
    double kept = 0;
  };

  /// `moved` as of set_problem(): the order to start from. O(scores), and memory of all consumers of the set.
  /// Throws InputError where a weight is not finite, and as Scoring::score().
  ColumnOrders(const OnnxModel& model, const NetworkPlan& plan, const GroupSet& set, const Scoring& scoring,
               const std::vector<int>& moved);

  bool in_blocks(int atom) const { return place_of(atom).outer_count > 1; }
  /// Adds the exchange of the columns at two atoms' places; whole blocks are no exchange of columns.
  void add_pair(int a, int b, std::vector<ColumnPair>& exchange) const;
  /// Adds the exchange of two columns of one block.
  void add_block_pair(int a, int b, std::vector<ColumnPair>& exchange) const;

  /// Makes the exchange, and takes it back where it does not help; whether it did. O(rows M N) for each group
  /// of M columns that it changes.
  bool improve(const std::vector<ColumnPair>& exchange);
  void exchange(const std::vector<ColumnPair>& exchange);

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

  /// Magnitudes in double, `default_kept` and `kept` those of the present order. O(scores).
  Magnitude magnitude() const;
  double exact_kept() const;

 private:
  const Place& place_of(int atom) const;
  int matrix_of(int atom) const;
  int column_of(int atom) const;
  double group_kept(int matrix, int group) const;
  void swap_columns(const std::vector<ColumnPair>& exchange);
  /// Groups of M that an exchange changes.
  std::vector<std::pair<int, int>> touched(const std::vector<ColumnPair>& exchange) const;

  const Coupling* coupling_;
  Pattern pattern_;
  std::map<int, int> first_matrix_;  // by place
  std::vector<std::unique_ptr<const ScoreMatrix>> matrices_;
  State state_;
};

}  // namespace nmperm
