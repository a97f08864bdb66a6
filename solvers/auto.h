// `auto`: picks and chains solvers by size and time left.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Searches: `memetic` for few columns; `entropic-dive` for more where there is time for a dive; and where
/// there is not, a descent (`assignment`), then `annealed-assignment`.
///
/// Proofs, where they are cheap for the time there is: `exhaustive` up to 24 columns, `matching` for groups
/// of two, and after a search `branch-and-price`, or `column-generation` for more columns, which gives a
/// bound and often better permutations. With an iteration limit (that of the last stage) nothing depends on
/// the clock, and only exhaustive search proves. Each stage reports under its own name.
class AutoSolver : public Solver {
 public:
  /// Up to here children of a memetic search are made by the thousand in a second, and few generations find
  /// the best.
  static constexpr int kMemeticColumns = 64;
  /// Beyond this a dive takes minutes.
  static constexpr int kMaxDiveColumns = 2048;

  /// Up to here a tree has a chance to close the gap within minutes.
  static constexpr int kProofColumns = 160;

  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
