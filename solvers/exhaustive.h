// Exact solution of small segments by dynamic programming over subsets of columns.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Solves every segment to proven optimality (subset_program.h), in double. Up to 24 columns a segment at 2:4
/// in a fraction of a second; 28 take seconds, 32 about a minute and 0.5 GB. Refuses what needs more memory
/// than kMostBytes. Options: none. Iterations: subsets rated; a segment that would exceed the limit is left.
class ExhaustiveSolver : public Solver {
 public:
  static constexpr double kMostBytes = 1 << 30;

  const SolverInfo& info() const override;
  Support supports(const Problem& problem, const Options& options) const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
