#include <atomic>
#include <cmath>
#include <memory>

#include "capi/errors.h"
#include "capi/handles.h"
#include "core/solver.h"
#include "solvers/default_solvers.h"

namespace nmperm {
namespace {

constexpr double kDefaultTimeLimit_s = 10;

SolveParameters parameters_of(const nmperm_options& options, std::atomic<bool>& own_request) {
  SolveParameters parameters = options.parameters;
  if (options.iteration_limit) parameters.limits.iterations = *options.iteration_limit;
  if (options.time_limit_s) {
    parameters.limits.time_s = *options.time_limit_s;
  } else if (!options.iteration_limit) {
    parameters.limits.time_s = kDefaultTimeLimit_s;
  }
  std::atomic<bool>* const request =
      options.cancellation != nullptr ? &options.cancellation->requested : &own_request;
  parameters.interrupt = request;
  if (options.progress != nullptr) {
    parameters.observer = [progress = options.progress, user = options.progress_user,
                           request](const TracePoint& point) {
      const nmperm_progress report{point.seconds, point.kept, point.bound.value_or(std::nan("")),
                                   point.source.c_str()};
      if (progress(&report, user) != 0) request->store(true);
    };
  }
  return parameters;
}

std::unique_ptr<nmperm_result> solve(const Problem& problem, const nmperm_options& options) {
  std::atomic<bool> own_request = false;
  auto result = std::make_unique<nmperm_result>();
  result->result = find_solver(options.solver).solve(problem, parameters_of(options, own_request));
  result->permutation.assign(result->result.permutation.begin(), result->result.permutation.end());
  return result;
}

}  // namespace
}  // namespace nmperm

int nmperm_solve(const nmperm_problem* problem, const nmperm_options* options, nmperm_result** result) {
  return nmperm::guarded([&] {
    const nmperm::Problem& given = nmperm::require(problem, "problem").problem;
    nmperm_result*& out = nmperm::require(result, "result");
    out = nmperm::solve(given, options != nullptr ? *options : nmperm_options{}).release();
  });
}

size_t nmperm_solver_count(void) {
  return nmperm::default_solvers().size();
}

const char* nmperm_solver_name(size_t index) {
  const auto& solvers = nmperm::default_solvers();
  return index < solvers.size() ? solvers[index]->info().name.c_str() : nullptr;
}
