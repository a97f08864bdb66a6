// `branch-and-price`: proves which permutation is best.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// The relaxation with exact pricing (column_generation.h), dives in it, the groups that its reduced costs
/// leave, and a Ryan-Foster tree over those (branch_tree.h). Bounds are sums of integers over all groups:
/// what is called optimal is proven up to the resolution of integer_scale().
///
/// At R = 64 a proof takes about a second for 64 columns, ten for 96, minutes for 128. Memory: a few hundred
/// bytes for each of at most 3 million groups, and nodes up to the option memory-megabytes.
class BranchAndPriceSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  Support supports(const Problem& problem, const Options& options) const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
