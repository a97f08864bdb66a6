// Set partitioning over all groups, solved by a mixed-integer solver.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Builds SetPartition (formulations/setpart.h) for one segment after the other and solves it with the
/// backend of option `backend`. Exact: seconds up to about 48 columns at 2:4, more with luck; refused above
/// 68 (1 million groups). Starts from the search's start, improved by a short annealing and by pairs of
/// groups. Iterations: branch-and-bound nodes of each segment. The MIP solver uses one thread. Throws
/// UnsupportedError where the backend is missing.
///
/// Bounds carry kMipBoundMargin (solve_mip.h); a proven optimum therefore shows a gap of about 2e-7.
class SetPartSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  Support supports(const Problem& problem, const Options& options) const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
