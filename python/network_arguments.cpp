#include "python/network_arguments.h"

#include "solvers/default_solvers.h"

namespace nmperm::python {

NetworkSearch NetworkArguments::search() const {
  const SolverInfo& info = find_solver(solver).info();
  (void)Options(info.name, info.options, options);
  NetworkSearch search;
  search.scoring = Scoring(Criterion(criterion, criterion_options), statistics);
  SolveParameters& parameters = search.parameters;
  parameters.options = options;
  parameters.limits.time_s = time_limit;
  if (iteration_limit) parameters.limits.iterations = *iteration_limit;
  parameters.limits.gap = gap_limit;
  parameters.seed = seed;
  parameters.threads = threads;
  return search;
}

}  // namespace nmperm::python
