#include "heuristics/annealed_assignment.h"

#include <cmath>
#include <memory>

#include "heuristics/assignment_descent.h"
#include "heuristics/kept.h"
#include "heuristics/schedule.h"
#include "heuristics/swap_moves.h"

namespace nmperm {
namespace {

constexpr std::int64_t kDefaultSteps = 1000;  // without any limit

}  // namespace

const SolverInfo& AnnealedAssignmentSolver::info() const {
  static const SolverInfo info{
      "annealed-assignment",
      "linear assignments on the replacement matrix under noise that dies away",
      "",
      false,
      "rounds of linear assignments over all groups",
      {OptionRecord::real("initial-noise", "amplitude at the beginning, in mean absolute swap changes", 0.6,
                          0, 100),
       OptionRecord::real("final-noise", "amplitude at the end", 0.15, 0, 100)},
      {}};
  return info;
}

void AnnealedAssignmentSolver::run(Search& search) const {
  const SwapMoves moves(search.problem());
  if (!moves.any() || search.limits().iterations == 0) return;
  const Problem& problem = search.problem();
  Rng rng = search.rng();
  Incumbent incumbent{search.start(), kept_of_permutation(problem, search.start())};
  AssignmentDescent descent(search, std::make_shared<QuantisedScores>(problem.search_scores()),
                            search.threads());
  const double unit = mean_absolute_swap_change(problem, incumbent.permutation, moves, rng);
  const double initial = search.options().real("initial-noise") * unit;
  const double final = search.options().real("final-noise") * unit;
  const Limits& limits = search.limits();
  const bool by_rounds = limits.has_iterations() || !std::isfinite(search.remaining_s());
  const Schedule schedule =
      by_rounds ? Schedule::by_iterations(search, limits.has_iterations() ? limits.iterations : kDefaultSteps)
                : Schedule::by_time(search, 0.95 * search.remaining_s());
  std::int64_t rounds = 0;
  for (double at = 0; at < 1 && !search.should_stop(); at = schedule.after(++rounds)) {
    const double noise = initial > 0 ? initial * std::pow(final / initial, at) : 0;
    descent.round(incumbent, descent.largest_block(), noise, AssignmentNeighbourhood::Precision::kBytes, rng);
    search.report(incumbent.permutation, incumbent.kept);
  }
  descent.run(incumbent, rng);
  search.report(incumbent.permutation, incumbent.kept);
}

}  // namespace nmperm
