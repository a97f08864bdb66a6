#include "heuristics/assignment.h"

#include "heuristics/assignment_descent.h"

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
  SwapState state(search.problem(), search.start(), search.threads());
  Rng rng = search.rng();
  AssignmentDescent(search, search.threads(), search.limits().iterations).run(state, rng, [&] {
    search.report(state.permutation(), state.kept());
  });
}

}  // namespace nmperm
