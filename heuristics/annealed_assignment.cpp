#include "heuristics/annealed_assignment.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "heuristics/assignment_descent.h"
#include "heuristics/kept.h"
#include "heuristics/schedule.h"
#include "heuristics/swap_moves.h"

namespace nmperm {
namespace {

constexpr std::int64_t kDefaultSteps = 1000;  // without any limit
constexpr double kControlStep = 0.1;          // of the logarithm of the noise

}  // namespace

const SolverInfo& AnnealedAssignmentSolver::info() const {
  static const SolverInfo info{
      "annealed-assignment",
      "linear assignments on the replacement matrix under noise that dies away",
      "",
      false,
      "rounds of linear assignments over all groups",
      {OptionRecord::real("initial-share", "share of the columns seen that a round moves at the beginning",
                          0.3, 1e-9, 1),
       OptionRecord::real("final-share", "share of the columns seen that a round moves at the end", 0.001,
                          1e-9, 1)},
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
  const double initial = search.options().real("initial-share"), final = search.options().real("final-share");
  const double groups = problem.groups();
  double noise = 0.3 * mean_absolute_swap_change(problem, incumbent.permutation, moves, rng);
  const double lowest = 1e-6 * noise;
  const Limits& limits = search.limits();
  const bool by_rounds = limits.has_iterations() || !std::isfinite(search.remaining_s());
  const Schedule schedule =
      by_rounds ? Schedule::by_iterations(search, limits.has_iterations() ? limits.iterations : kDefaultSteps)
                : Schedule::by_time(search, 0.95 * search.remaining_s());
  std::int64_t rounds = 0;
  for (double at = 0; at < 1 && !search.should_stop(); at = schedule.after(++rounds)) {
    const auto moved = static_cast<double>(descent.round(incumbent, descent.largest_block(), noise,
                                                         AssignmentNeighbourhood::Precision::kBytes, rng));
    search.report(incumbent.permutation, incumbent.kept);
    // Integral control, as in annealing: the mean share is the target however few columns move.
    const double target = groups * initial * std::pow(final / initial, std::min(at, 1.0));
    noise = std::max(lowest,
                     noise * std::exp(kControlStep * std::clamp((target - moved) / (1 + target), -4.0, 4.0)));
  }
  descent.run(incumbent, rng);
  search.report(incumbent.permutation, incumbent.kept);
}

}  // namespace nmperm
