#include "heuristics/assignment.h"

#include <memory>

#include "heuristics/assignment_descent.h"
#include "heuristics/kept.h"

namespace nmperm {

const SolverInfo& AssignmentSolver::info() const {
  static const SolverInfo info{"assignment",
                               "descent: one column out of every group, put back by linear assignment",
                               "",
                               false,
                               "linear assignments",
                               {},
                               {}};
  return info;
}

void AssignmentSolver::run(Search& search) const {
  const Problem& problem = search.problem();
  Incumbent incumbent{search.start(), kept_of_permutation(problem, search.start())};
  Rng rng = search.rng();
  AssignmentDescent descent(search, std::make_shared<QuantisedScores>(problem.search_scores()),
                            search.threads(), search.limits().iterations);
  descent.run(incumbent, rng, [&] { search.report(incumbent.permutation, incumbent.kept); });
}

}  // namespace nmperm
