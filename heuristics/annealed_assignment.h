// `annealed-assignment`: assignment neighbourhoods under noise that dies away.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Linear assignments over one random slot of every group (heuristics/assignment_neighbourhood.h), with noise
/// on the replacement matrix whose amplitude falls exponentially; it is set by the mean absolute change of
/// random swaps, so no scale has to be known. Each step moves many columns at once and still follows the true
/// values closely: the annealing of choice where there are many groups. Ends with the descent of
/// `assignment`.
///
/// A step costs n^2 R max-adds for blocks of n groups (all of a segment, at most kMaxAssignmentBlock). 4 R C
/// bytes.
class AnnealedAssignmentSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
