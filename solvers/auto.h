// `auto`: picks and chains solvers by size and time left.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Exhaustive search with a proof where that is cheap; `memetic` for few columns; `entropic-dive` for more
/// where there is time for a dive; and where there is not, a descent (`assignment`), then
/// `annealed-assignment`. With an iteration limit (that of the last stage) nothing depends on the clock. Each
/// stage reports under its own name.
class AutoSolver : public Solver {
 public:
  /// Up to here children of a memetic search are made by the thousand in a second, and few generations find
  /// the best.
  static constexpr int kMemeticColumns = 64;
  /// Beyond this a dive takes minutes.
  static constexpr int kMaxDiveColumns = 2048;

  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
