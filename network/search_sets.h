// The search over all permutable sets of a network within one time limit.
#pragma once

#include <functional>
#include <vector>

#include "core/solver.h"
#include "network/network_plan.h"

namespace nmperm {

/// The result of one set: a permutation of PermutableSet::columns.
struct SetResult {
  Result result;
  bool searched = false;  ///< false where there is nothing to choose (one group, or none)
};

struct NetworkSearch {
  SolveParameters parameters;  ///< limits.time_s is that of the network; start and observer are not used
  Scoring scoring;             ///< what is called score
  /// Called after each set, from one thread at a time; may be empty.
  std::function<void(std::size_t done, std::size_t sets, const PermutableSet&, const SetResult&)> progress;
};

/// Searches every set; `parameters.threads` sets at a time, each with one thread, the largest gains first. A
/// set gets time in proportion to what it might gain; what a set leaves over goes to those after it.
/// `moved` as of set_problem(): what has moved before. Results are in the order of plan.sets. Memory: the
/// scores of all consumers. Throws InputError where a weight is not finite, and what the solver throws.
std::vector<SetResult> search_sets(const OnnxModel& model, const NetworkPlan& plan, const Solver& solver,
                                   const NetworkSearch& search, const std::vector<int>& moved = {});

}  // namespace nmperm
