// The assignment neighbourhood: one column is taken out of every group of a block, and all are put back
// optimally.
#pragma once

#include <vector>

#include "core/rng.h"
#include "heuristics/linear_assignment.h"
#include "heuristics/swap_state.h"

namespace nmperm {

/// A block of up to n groups takes n^2 R max-adds for the replacement matrix of the slots and one linear
/// assignment.
class AssignmentNeighbourhood {
 public:
  /// `max_slots`: most groups of a block. 4 max_slots^2 bytes. `threads` share the replacement matrix.
  AssignmentNeighbourhood(std::size_t max_slots, int threads)
      : w_(max_slots * max_slots), threads_(threads) {}

  /// Rearranges the columns that stand in `slots` (all of different groups of one segment) optimally, each
  /// slot valued against its group without it, after adding noise of the given amplitude (in units of kept
  /// magnitude, triangular distribution) to every entry off the diagonal. Returns how many columns moved.
  std::size_t improve(SwapState& state, const std::vector<int>& slots, double noise, Rng& rng);

 private:
  void form_gains(std::size_t stride);
  void add_noise(std::size_t n, double amplitude, Rng& rng);

  std::vector<float> w_;
  int threads_;
  std::vector<const float*> thresholds_, columns_;
  std::vector<int> moved_slots_, moved_columns_;
  LinearAssignment assignment_;
};

}  // namespace nmperm
