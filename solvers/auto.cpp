#include "solvers/auto.h"

#include <algorithm>
#include <utility>

#include "heuristics/annealed_assignment.h"
#include "heuristics/assignment.h"
#include "heuristics/entropic_dive.h"
#include "heuristics/memetic.h"
#include "solvers/exhaustive.h"

namespace nmperm {
namespace {

/// Columns of a segment up to which subset dynamic programming is cheap for the time there is: milliseconds
/// for 16, tens of milliseconds for 20, half a second for 24.
int exhaustive_columns(double remaining_s) {
  return remaining_s >= 5 ? 24 : remaining_s >= 0.5 ? 20 : 16;
}

/// About the seconds that a dive takes: proportional to C^2 R, with the rate of one recent core. In less time
/// annealed assignment is ahead.
double dive_s(const Search& search) {
  constexpr double kRate = 5e8;
  double work = 0;
  for (const double length : search.problem().segments().lengths())
    work += length * length * search.problem().rows();
  return work / kRate / search.threads();
}

/// Runs a solver as a stage; false where it does not take the problem.
bool run_stage(const Search& search, const Solver& solver, const Limits& limits) {
  const std::string& name = solver.info().name;
  Options options(name, solver.info().options, {});
  if (!solver.supports(search.problem(), options)) return false;
  Search stage = search.stage(name, std::move(options), limits, search.seed());
  solver.run(stage);
  return true;
}

}  // namespace

const SolverInfo& AutoSolver::info() const {
  static const SolverInfo info{
      "auto", "picks and chains solvers by size and time", "", false, "iterations of the last stage", {}, {}};
  return info;
}

void AutoSolver::run(Search& search) const {
  Limits rest;
  const auto& lengths = search.problem().segments().lengths();
  const int longest = *std::max_element(lengths.begin(), lengths.end());
  run_stage(search, AssignmentSolver(), rest);
  const bool by_clock = !search.limits().has_iterations();
  if (longest <= exhaustive_columns(by_clock ? search.remaining_s() : 0) &&
      run_stage(search, ExhaustiveSolver(), rest)) {
    return;
  }
  rest.iterations = search.limits().iterations;
  if (longest <= kMemeticColumns) {
    run_stage(search, MemeticSolver(), rest);
  } else if (by_clock ? search.remaining_s() >= dive_s(search) : longest <= kMaxDiveColumns) {
    run_stage(search, EntropicDiveSolver(), rest);
  } else {
    run_stage(search, AnnealedAssignmentSolver(), rest);
  }
}

}  // namespace nmperm
