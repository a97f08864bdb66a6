#include "core/solver.h"

#include <utility>

#include "core/error.h"

namespace nmperm {

Support Solver::supports(const Problem&, const Options&) const {
  return {};
}

Result Solver::solve(const Problem& problem, const SolveParameters& parameters) const {
  Options options(info().name, info().options, parameters.options);
  if (const Support support = supports(problem, options); !support) {
    throw UnsupportedError("solver " + info().name, {}, support.refusal, support.advice);
  }
  Search search(problem, parameters, info().name, std::move(options));
  run(search);
  return search.result();
}

}  // namespace nmperm
