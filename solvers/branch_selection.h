// Which pair of columns to branch on: strong branching over few candidates.
#pragma once

#include <optional>
#include <vector>

#include "formulations/integer_columns.h"
#include "solvers/branch_decision.h"
#include "solvers/restricted_master.h"

namespace nmperm {

/// A pair to branch on, and how far the objective rose in both branches within the iterations that were spent
/// on them.
struct BranchChoice {
  BranchDecision together;
  double rise_together = 0, rise_apart = 0;
};

/// Solves both branches of the `candidates` pairs nearest to one half by a few dual simplex iterations,
/// without pricing, and takes the pair whose rises have the largest product; rises above `most_rise`, which
/// would close a branch, count as that. `allowed`: what is open at the node. Leaves the master as it was, but
/// for its basis. Null where no pair with a single column is fractional.
std::optional<BranchChoice> select_branch(RestrictedMaster& master, const IntegerColumns& columns,
                                          int candidates, double most_rise,
                                          const std::function<bool(const std::uint16_t*)>& allowed);

}  // namespace nmperm
