// `column-generation`: the linear relaxation over all groups with exact pricing, and dives in it.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Returns a permutation and a valid bound. The relaxation's gap is 0.04-0.25 % of the pruned magnitude;
/// dives fix groups that the linear program wants and solve again, until everything is fixed, and repeat with
/// noise as long as there is time. Stopped early it returns the bound that the last scan proved.
///
/// Time: five to ten scans of C^M / M! groups (SegmentRelaxation), and linear programs with C rows. Memory:
/// some 16 bytes for each of 200,000 groups, and the linear program.
class ColumnGenerationSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  Support supports(const Problem& problem, const Options& options) const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
