// `random`: the best of some random permutations.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Random permutations inside the segments. Shows how much of a result is due to a bad original order: some
/// layers gain most of what can be gained from any other order. O(R C) a permutation.
class RandomSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
