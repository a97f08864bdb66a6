// `annealed-assignment`: assignment neighbourhoods under noise that dies away.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Linear assignments over one random slot of every group (heuristics/assignment_neighbourhood.h), with noise
/// on the replacement matrix. Its amplitude is not scheduled: it is controlled so that the share of the
/// columns that a round moves falls geometrically, whatever the scale and the spread of the scores. Each
/// round moves many columns at once and still follows the true values closely: the annealing of choice where
/// there are many groups. Ends with the descent of `assignment`.
///
/// A round costs n^2 R max-adds in bytes for blocks of n groups: all of a segment, at most 2048. Memory: R C
/// and 8 n^2 bytes.
class AnnealedAssignmentSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
