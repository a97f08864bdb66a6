#include "solvers/auto.h"

#include <algorithm>

#include "heuristics/annealing.h"
#include "heuristics/channel_swap.h"
#include "heuristics/stripe_groups.h"
#include "solvers/exhaustive.h"

namespace nmperm {
namespace {

// Subset dynamic programming over this many columns takes milliseconds whatever the pattern.
constexpr int kExhaustiveColumns = 16;

/// Runs a solver as a stage; false where it does not take the problem.
bool run_stage(const Search& search, const Solver& solver, const OptionValues& given, const Limits& limits) {
  const std::string& name = solver.info().name;
  Options options(name, solver.info().options, given);
  if (!solver.supports(search.problem(), options)) return false;
  Search stage = search.stage(name, std::move(options), limits, search.seed());
  solver.run(stage);
  return true;
}

}  // namespace

const SolverInfo& AutoSolver::info() const {
  static const SolverInfo info{"auto", "picks and chains solvers by size and time", "",
                               false,  "proposed swaps of the annealing",           {},
                               {}};
  return info;
}

void AutoSolver::run(Search& search) const {
  Limits rest;
  rest.gap = search.limits().gap;
  rest.time_s = search.remaining_s();
  const auto& lengths = search.problem().segments().lengths();
  if (*std::max_element(lengths.begin(), lengths.end()) <= kExhaustiveColumns &&
      run_stage(search, ExhaustiveSolver(), {}, rest)) {
    return;
  }
  const OptionValues descent{{"bounded-regressions", "0"}};
  if (!run_stage(search, StripeGroupsSolver(), descent, rest))
    run_stage(search, ChannelSwapSolver(), descent, rest);
  rest.iterations = search.limits().iterations;
  rest.time_s = search.remaining_s();
  run_stage(search, AnnealingSolver(), {}, rest);
}

}  // namespace nmperm
