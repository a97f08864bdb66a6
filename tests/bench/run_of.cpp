#include "tests/bench/run_of.h"

#include "instances/fingerprint.h"
#include "instances/load.h"
#include "solvers/default_solvers.h"

namespace nmperm::testing {

ComparisonRun run_of(const std::string& instance, const std::string& solver) {
  const Problem problem(load_instance(instance).scores);
  ComparisonRun run;
  run.instance = instance;
  run.sha256 = fingerprint(problem.scores());
  run.rows = problem.rows();
  run.columns = problem.columns();
  run.segments = problem.segments().lengths();
  run.preset.solver = solver;
  run.time_limit_s = 1;
  SolveParameters parameters;
  parameters.threads = 1;
  run.result = find_solver(solver).solve(problem, parameters);
  run.program = "nmperm 1";
  run.machine = this_machine();
  return run;
}

}  // namespace nmperm::testing
