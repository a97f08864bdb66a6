#include "apps/search_options.h"

#include "apps/common_options.h"

namespace nmperm {
namespace {

constexpr double kDefaultTimeLimit = 10;

}  // namespace

SolveParameters SearchOptions::parameters(const Solver& with) const {
  SolveParameters parameters;
  parameters.options = parse_option_values(solver_options);
  (void)Options(with.info().name, with.info().options, parameters.options);  // throws before anything is read
  if (iteration_limit) parameters.limits.iterations = *iteration_limit;
  if (time_limit_s) {
    parameters.limits.time_s = *time_limit_s;
  } else if (!iteration_limit) {
    parameters.limits.time_s = kDefaultTimeLimit;
  }
  parameters.limits.gap = gap_limit;
  parameters.seed = seed;
  parameters.threads = threads;
  return parameters;
}

}  // namespace nmperm
