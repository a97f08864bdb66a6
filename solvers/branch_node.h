// A node of a branch-and-price tree.
#pragma once

#include <vector>

#include "solvers/branch_decision.h"

namespace nmperm {

/// A node: one decision more than its parent.
struct BranchNode {
  int parent = -1;
  BranchDecision decision;  ///< the root has none
  double bound = 0;         ///< below what every partition of the node prunes; integer
  std::vector<double>
      duals;              ///< repaired (RepairedDuals) for the groups of the node; empty before it was solved
  double dual_bound = 0;  ///< their sum over all columns: what they prove; the parent's bound may be better
};

}  // namespace nmperm
