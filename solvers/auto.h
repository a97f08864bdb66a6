// `auto`: picks and chains solvers by size and time left.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Exhaustive search where that is cheap, with a proof. Otherwise a descent (`assignment`) for a good
/// permutation at once, then `memetic` for up to kMemeticColumns columns and `annealed-assignment` for more,
/// for the time that is left. With an iteration limit (that of the last stage) nothing depends on the clock.
/// Each stage reports under its own name.
class AutoSolver : public Solver {
 public:
  /// Up to here children of a memetic search are cheap enough to make thousands a second.
  static constexpr int kMemeticColumns = 192;

  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
