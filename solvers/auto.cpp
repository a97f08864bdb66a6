#include "solvers/auto.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/error.h"
#include "formulations/subsets.h"
#include "heuristics/annealed_assignment.h"
#include "heuristics/assignment.h"
#include "heuristics/dive_time.h"
#include "heuristics/entropic_dive.h"
#include "heuristics/memetic.h"
#include "solvers/backend_loader.h"
#include "solvers/branch_and_price.h"
#include "solvers/column_generation.h"
#include "solvers/exhaustive.h"
#include "solvers/matching.h"

namespace nmperm {
namespace {

/// Columns of a segment up to which subset dynamic programming is cheap for the time there is: milliseconds
/// for 16, tens of milliseconds for 20, half a second for 24.
int exhaustive_columns(double remaining_s) {
  return remaining_s >= 5 ? 24 : remaining_s >= 0.5 ? 20 : 16;
}

/// About the seconds that a dive through all columns takes. In less time annealed assignment is ahead.
double dive_s(const Search& search) {
  const DiveTime time(search.problem(), search.threads());
  double seconds = 0;
  for (const int length : search.problem().segments().lengths()) seconds += time.seconds(length);
  return seconds;
}

/// About the seconds that a round of assignments over all groups takes, with the rate of one recent core.
double round_s(const Search& search) {
  constexpr double kRate = 2e11;
  const Problem& problem = search.problem();
  double slots = 0;
  for (const double length : problem.segments().lengths()) {
    const double groups = length / problem.pattern().group;
    slots += groups * groups;
  }
  return slots * problem.rows() / kRate / search.threads();
}

/// About the seconds until the relaxation over all groups is solved: some scans of all groups, and linear
/// programs whose time grows with the cube of the columns.
double relaxation_s(const Search& search) {
  constexpr double kRate = 5e10, kScans = 8;          // scores looked at in a second
  constexpr double kLinear_s = 0.25, kColumns = 128;  // seconds for so many columns
  const Problem& problem = search.problem();
  double seconds = 0;
  for (const int length : problem.segments().lengths()) {
    const double columns = length / kColumns;
    seconds +=
        kScans * binomial(length, problem.pattern().group) * problem.rows() / kRate / search.threads() +
        kLinear_s * columns * columns * columns;
  }
  return seconds;
}

/// About the seconds that a maximum-weight perfect matching takes, likewise.
double matching_s(const Search& search) {
  constexpr double kMatching_s = 5, kColumns = 1024, kExponent = 2.7;
  double seconds = 0;
  for (const int length : search.problem().segments().lengths()) {
    seconds += kMatching_s * std::pow(length / kColumns, kExponent);
  }
  return seconds;
}

/// The first backend that is installed, or an empty string.
std::string installed_backend() {
  for (const std::string& name : backend_names()) {
    try {
      load_backend(name);
      return name;
    } catch (const UnsupportedError&) {
      continue;  // proofs are what a run without backends does without
    }
  }
  return {};
}

/// Pools of groups, which dives live on, stay far from complete for wide groups: there, annealed assignment
/// is ahead by several points of efficacy.
constexpr int kMostDiveGroup = 8;

/// Runs a solver as a stage; false where it does not take the problem.
bool run_stage(const Search& search, const Solver& solver, const Limits& limits,
               const OptionValues& given = {}) {
  const std::string& name = solver.info().name;
  Options options(name, solver.info().options, given);
  if (!solver.supports(search.problem(), options)) return false;
  Search stage = search.stage(name, std::move(options), limits, search.seed());
  solver.run(stage);
  return true;
}

Limits first_share(double left_s, double share) {
  Limits limits;
  limits.time_s = share * left_s;
  return limits;
}

/// The searches that prove nothing, by size and time; `limits` are those of all together.
void run_searches(const Search& search, const Limits& limits) {
  const bool by_clock = !limits.has_iterations();
  const double left_s = std::min(limits.time_s, search.remaining_s());
  const double end_s = search.elapsed_s() + left_s;
  const auto& lengths = search.problem().segments().lengths();
  const int longest = *std::max_element(lengths.begin(), lengths.end());
  const auto rest = [&] {
    Limits main = limits;
    if (by_clock) main.time_s = end_s - search.elapsed_s();
    return main;
  };
  if (longest <= AutoSolver::kMemeticColumns) {
    // Dives are ahead at once and then repeat themselves; children find what is left, given time.
    constexpr double kDiveShare = 0.3, kFewDives = 20;
    constexpr std::int64_t kDives = 4;
    Limits dives;
    if (by_clock) {
      dives.time_s = left_s > kFewDives * dive_s(search) ? kDiveShare * left_s : left_s;
    } else {
      dives.iterations = std::min(kDives, limits.iterations);
    }
    run_stage(search, EntropicDiveSolver(), dives);
    run_stage(search, MemeticSolver(), rest());
  } else if (search.problem().pattern().group <= kMostDiveGroup &&
             (by_clock ? left_s >= dive_s(search) : longest <= AutoSolver::kMaxDiveColumns)) {
    run_stage(search, EntropicDiveSolver(), rest());
  } else {
    // Annealing needs many rounds to cool in; with fewer the descent makes more of the time.
    constexpr double kRounds = 150, kDescentShare = 0.1;
    Limits descent;
    if (by_clock) descent.time_s = left_s >= kRounds * round_s(search) ? kDescentShare * left_s : left_s;
    run_stage(search, AssignmentSolver(), descent);
    run_stage(search, AnnealedAssignmentSolver(), rest());
  }
}

}  // namespace

const SolverInfo& AutoSolver::info() const {
  static const SolverInfo info{
      "auto", "picks and chains solvers by size and time", "", false, "iterations of the last stage", {}, {}};
  return info;
}

void AutoSolver::run(Search& search) const {
  const bool by_clock = !search.limits().has_iterations();
  const double left_s = search.remaining_s();
  const auto& lengths = search.problem().segments().lengths();
  const int longest = *std::max_element(lengths.begin(), lengths.end());
  if (longest <= exhaustive_columns(by_clock ? left_s : 0)) {
    run_stage(search, AssignmentSolver(), {});  // something good, should the proof not end
    if (run_stage(search, ExhaustiveSolver(), {})) return;
  }
  if (!by_clock) {
    Limits main;
    main.iterations = search.limits().iterations;
    run_searches(search, main);
    return;
  }
  if (search.problem().pattern().group == 2 && left_s > 2 * matching_s(search)) {
    run_stage(search, AssignmentSolver(), first_share(left_s, 0.1));
    if (run_stage(search, MatchingSolver(), {})) return;
  }
  // A relaxation that takes most of the time leaves none to make use of it.
  constexpr double kLeastRatio = 2.5, kSearchShare = 0.35;
  const std::string backend = left_s > kLeastRatio * relaxation_s(search) ? installed_backend() : "";
  if (backend.empty()) {
    run_searches(search, {});
    return;
  }
  run_searches(search, first_share(left_s, longest <= kProofColumns ? std::min(kSearchShare, 1 / left_s)
                                                                    : kSearchShare));
  const BranchAndPriceSolver proof;
  const ColumnGenerationSolver bound;
  run_stage(search, longest <= kProofColumns ? static_cast<const Solver&>(proof) : bound, {},
            {{"backend", backend}});
  run_searches(search, {});  // where the proof ended without closing the gap
}

}  // namespace nmperm
