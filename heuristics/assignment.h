// `assignment`: descent over assignment neighbourhoods of growing blocks.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Takes one column out of every group of a block and puts all back optimally (a linear assignment over the
/// replacement matrix, heuristics/assignment_neighbourhood.h). Blocks of random groups grow from 32 groups to
/// all groups of a segment: small blocks give most of the gain in little time. It ends when no block of any
/// size improves.
///
/// A round over all blocks of n groups costs C n R max-adds. 4 R C bytes and up to 4 kMaxBlock^2.
class AssignmentSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
