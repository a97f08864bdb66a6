#include "solvers/auto.h"

#include <algorithm>
#include <cstdint>
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

/// Sum over segments of C^2 R: what dives and rounds of assignments cost is proportional to it.
double square_work(const Problem& problem) {
  double work = 0;
  for (const double length : problem.segments().lengths()) work += length * length * problem.rows();
  return work;
}

/// About the seconds that a dive takes, with the rate of one recent core. In less time annealed assignment is
/// ahead.
double dive_s(const Search& search) {
  constexpr double kRate = 5e8;
  return square_work(search.problem()) / kRate / search.threads();
}

/// About the seconds that a round of assignments over all groups takes, likewise.
double round_s(const Search& search) {
  constexpr double kRate = 8e10;
  const double group = search.problem().pattern().group;
  return square_work(search.problem()) / (group * group) / kRate / search.threads();
}

/// Pools of groups, which dives live on, stay far from complete for wide groups: there, annealed assignment
/// is ahead by several points of efficacy.
constexpr int kMostDiveGroup = 8;

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
  const Limits& limits = search.limits();
  const bool by_clock = !limits.has_iterations();
  const double left_s = search.remaining_s();
  const auto& lengths = search.problem().segments().lengths();
  const int longest = *std::max_element(lengths.begin(), lengths.end());
  Limits main;
  main.iterations = limits.iterations;
  if (longest <= exhaustive_columns(by_clock ? left_s : 0)) {
    run_stage(search, AssignmentSolver(), {});  // something good, should the proof not end
    if (run_stage(search, ExhaustiveSolver(), {})) return;
  }
  if (longest <= kMemeticColumns) {
    // Dives are ahead at once and then repeat themselves; children find what is left, given time.
    constexpr double kDiveShare = 0.3, kFewDives = 20;
    constexpr std::int64_t kDives = 4;
    Limits dives;
    if (by_clock) {
      if (left_s > kFewDives * dive_s(search)) dives.time_s = kDiveShare * left_s;
    } else {
      dives.iterations = std::min(kDives, limits.iterations);
    }
    run_stage(search, EntropicDiveSolver(), dives);
    run_stage(search, MemeticSolver(), main);
  } else if (search.problem().pattern().group <= kMostDiveGroup &&
             (by_clock ? left_s >= dive_s(search) : longest <= kMaxDiveColumns)) {
    run_stage(search, EntropicDiveSolver(), main);
  } else {
    // Annealing needs many rounds to cool in; with fewer the descent makes more of the time.
    constexpr double kRounds = 150, kDescentShare = 0.1;
    Limits descent;
    if (by_clock && left_s >= kRounds * round_s(search)) descent.time_s = kDescentShare * left_s;
    run_stage(search, AssignmentSolver(), descent);
    run_stage(search, AnnealedAssignmentSolver(), main);
  }
}

}  // namespace nmperm
