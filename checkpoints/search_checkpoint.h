// The search over all permutable sets of a checkpoint within one time limit.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "checkpoints/search_state.h"
#include "checkpoints/set_scores.h"
#include "core/solver.h"

namespace nmperm {

struct CheckpointSearch {
  SolveParameters parameters;  ///< limits.time_s is that of all sets; start and observer are not used
  Scoring scoring;
  /// For the scores of one set; rows that do not fit are left out evenly.
  std::int64_t score_bytes = std::int64_t{128} << 20;
  /// Called after each set, from one thread at a time; either may be empty. `save` gets every set that is
  /// finished for good.
  std::function<void(std::size_t done, std::size_t sets, const CheckpointSet&, const Result&)> progress;
  std::function<void(const SearchState&)> save;
};

/// Searches every set that `state` does not hold; `parameters.threads` sets at a time, each with one thread,
/// the largest first. Sets get time in proportion to their scores, reading them included; runs before this
/// one count in the limit (state.seconds). Results are in the order of plan.sets; their magnitudes are those
/// of all rows, and where rows were left out there is no bound. Never worse than the given order.
///
/// Sets that an interruption cut short are in the results, not in the state. Memory for each thread:
/// score_bytes, one weight in float32, and what the solver takes. Throws InputError where a weight is not
/// finite, where the state's permutations do not fit, and what the solver throws.
std::vector<Result> search_checkpoint(const CheckpointFiles& files, const CheckpointPlan& plan,
                                      const Solver& solver, const CheckpointSearch& search,
                                      SearchState& state);

}  // namespace nmperm
