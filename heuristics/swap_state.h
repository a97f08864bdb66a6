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
  SwapState(const Problem& problem, const Permutation& permutation);

  const Permutation& permutation() const { return permutation_; }
  /// Kept magnitude on the search scores.
  double kept() const { return kept_; }
  /// Group of a slot.
  int group_of(int slot) const { return slot / group_size_; }

  /// Change of the kept magnitude if the columns of two slots of different groups traded places. 4 R loads.
  double swap_change(int i, int j) const {
    return swap_replacement(threshold(i), column(i), threshold(j), column(j), stride_) -
           self_[static_cast<std::size_t>(i)] - self_[static_cast<std::size_t>(j)];
  }
  /// Lets them trade places: O(R M N).
  void swap(int i, int j);
  /// Starts again from another permutation: O(R C N).
  void assign(const Permutation& permutation);

 private:
  const float* column(int slot) const { return scores_.column(permutation_[static_cast<std::size_t>(slot)]); }
  const float* threshold(int slot) const { return thresholds_.column(slot); }
  void refresh(int group);

  const ScoreMatrix& scores_;
  Pattern pattern_;
  int group_size_;
  std::size_t stride_;
  Permutation permutation_;
  ScoreMatrix thresholds_;
  std::vector<double> self_;        // by slot: sum over rows of max(threshold, own score)
  std::vector<double> group_kept_;  // by group
  double kept_ = 0;
};

}  // namespace nmperm
