// `auto`: picks and chains solvers by size and time left.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Exhaustive search where that is cheap, with a proof; otherwise greedy stripe groups for a good permutation
/// within milliseconds, then annealing for the time that is left. With an iteration limit (swaps of the
/// annealing) nothing depends on the clock. Each stage reports under its own name.
class AutoSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
