// Random column swaps: which pairs of slots there are, and how much such a swap changes.
#pragma once

#include "core/problem.h"
#include "core/rng.h"

namespace nmperm {

/// Pairs of slots of different groups of one segment.
class SwapMoves {
 public:
  struct Move {
    int i, j;
  };

  explicit SwapMoves(const Problem& problem);

  /// False where every segment is a single group.
  bool any() const { return any_; }

  /// A random pair; segments come up in proportion to their columns. any() must hold.
  Move random(Rng& rng) const {
    for (;;) {
      const int i = rng.below(segments_.columns());
      int begin = 0, end = segments_.columns();
      if (segments_.count() > 1) {
        const int segment = segments_.of_column(i);
        begin = segments_.begin(segment);
        end = segments_.end(segment);
        if (end - begin == group_) continue;
      }
      int j = begin + rng.below(end - begin - group_);
      if (j >= i / group_ * group_) j += group_;
      return {i, j};
    }
  }

 private:
  const Segments& segments_;
  int group_;
  bool any_ = false;
};

/// Mean of |swap_change| over 256 random moves: the scale of the instance, by which noise and temperatures
/// are set.
/// Without cached thresholds: O(256 R M N).
double mean_absolute_swap_change(const Problem& problem, const Permutation& permutation,
                                 const SwapMoves& moves, Rng& rng);

}  // namespace nmperm
