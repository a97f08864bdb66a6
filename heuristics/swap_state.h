// A permutation with cached thresholds, so that the change of any column swap costs one pass over the rows.
#pragma once

#include <vector>

#include "core/group_kernels.h"
#include "core/problem.h"

namespace nmperm {

/// Slots 0..C-1 hold columns; slot i belongs to group i / M. For every slot the threshold vector of its group
/// without it is kept (core/group_kernels.h): 4 R C bytes, as much as the scores.
class SwapState {
 public:
  /// `threads` share the work of assign() and place().
  SwapState(const Problem& problem, const Permutation& permutation, int threads = 1);

  const Permutation& permutation() const { return permutation_; }
  /// Kept magnitude on the search scores.
  double kept() const { return kept_; }
  /// Rows of a column or threshold as kernels take them.
  std::size_t stride() const { return stride_; }
  /// Group of a slot.
  int group_of(int slot) const { return slot / group_size_; }

  /// Change of the kept magnitude if the columns of two slots of different groups traded places. 4 R loads.
  double swap_change(int i, int j) const {
    return swap_replacement(threshold(i), column(i), threshold(j), column(j), stride_) -
           self_[static_cast<std::size_t>(i)] - self_[static_cast<std::size_t>(j)];
  }
  /// Lets them trade places: O(R M N).
  void swap(int i, int j);
  /// Puts columns[k] into slots[k] for all k; together they must rearrange the columns of these slots. Groups
  /// without a slot among them stay as they are. O(R M N) a group that changes.
  void place(const std::vector<int>& slots, const std::vector<int>& columns);

  const float* column(int slot) const { return scores_.column(permutation_[static_cast<std::size_t>(slot)]); }
  const float* threshold(int slot) const { return thresholds_.column(slot); }
  /// sum_r max(threshold, own score) of a slot.
  double self(int slot) const { return self_[static_cast<std::size_t>(slot)]; }

  /// Starts again from another permutation: O(R C N).
  void assign(const Permutation& permutation);

 private:
  void refresh(int group);
  void refresh(const std::vector<int>& groups);

  const ScoreMatrix& scores_;
  Pattern pattern_;
  int group_size_;
  int threads_;
  std::size_t stride_;
  Permutation permutation_;
  ScoreMatrix thresholds_;
  std::vector<double> self_;        // by slot: sum over rows of max(threshold, own score)
  std::vector<double> group_kept_;  // by group
  std::vector<int> stale_;          // groups to refresh
  double kept_ = 0;
};

}  // namespace nmperm
