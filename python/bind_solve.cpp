// Searches, and what is said of solvers and solutions.
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "core/error.h"
#include "instances/check_solution.h"
#include "instances/fingerprint.h"
#include "instances/solution.h"
#include "python/arrays.h"
#include "python/bindings.h"
#include "python/interruptible.h"
#include "python/problems.h"
#include "solvers/default_solvers.h"

namespace py = pybind11;

namespace nmperm::python {
namespace {

using Indices = py::array_t<std::int64_t>;

SolveParameters parameters_of(double time_limit, std::optional<std::int64_t> iteration_limit,
                              double gap_limit, std::uint64_t seed, int threads,
                              const std::optional<Indices>& start, OptionValues options) {
  SolveParameters parameters;
  parameters.limits.time_s = time_limit;
  if (iteration_limit) parameters.limits.iterations = *iteration_limit;
  parameters.limits.gap = gap_limit;
  parameters.seed = seed;
  parameters.threads = threads;
  if (start) parameters.start = permutation_of(*start, "start");
  parameters.options = std::move(options);
  return parameters;
}

/// The figures of the result, and whether Ctrl-C ended the search.
py::tuple solve(const py::array& scores, const PatternNumbers& pattern,
                const std::optional<std::vector<int>>& segments, const std::string& solver_name,
                double time_limit, std::optional<std::int64_t> iteration_limit, double gap_limit,
                std::uint64_t seed, int threads, const std::optional<Indices>& start,
                const OptionValues& options, const py::object& on_incumbent,
                const std::shared_ptr<CancelToken>& cancel) {
  const Solver& solver = find_solver(solver_name);
  (void)Options(solver.info().name, solver.info().options, options);  // throws before anything is copied
  SolveParameters parameters =
      parameters_of(time_limit, iteration_limit, gap_limit, seed, threads, start, options);
  const Problem problem = problem_of(scores, pattern, segments);
  Result result;
  const bool interrupted = run_interruptibly(cancel, on_incumbent, [&](const WorkContext& context) {
    parameters.interrupt = context.interrupt;
    parameters.observer = context.observer;
    result = solver.solve(problem, parameters);
  });
  return py::make_tuple(dict_of(problem.pattern(), problem.segments(), result), interrupted);
}

py::list list_of(const std::vector<OptionRecord>& options) {
  py::list list;
  for (const OptionRecord& option : options) {
    list.append(py::make_tuple(option.name, option.description, option.default_value, option.range()));
  }
  return list;
}

py::list solvers() {
  py::list list;
  for (const auto& solver : default_solvers()) {
    const SolverInfo& info = solver->info();
    py::dict dict;
    dict["name"] = info.name;
    dict["summary"] = info.summary;
    dict["reference"] = info.reference;
    dict["exact"] = info.exact;
    dict["iteration_unit"] = info.iteration_unit;
    dict["options"] = list_of(info.options);
    dict["aliases"] = py::tuple(py::cast(info.aliases));
    list.append(dict);
  }
  return list;
}

py::list list_of(const std::vector<Discrepancy>& discrepancies) {
  py::list list;
  for (const Discrepancy& wrong : discrepancies) {
    list.append(py::make_tuple(wrong.place, wrong.recorded, wrong.expected));
  }
  return list;
}

/// What `_solve.py` says of a solution of these scores, checked so far as it can be misused.
Solution stated_solution(const Problem& problem, const py::dict& figures) {
  Result result = result_of(figures);
  validate_permutation(result.permutation, problem.segments(), "solution.permutation");
  return {.instance_name = {},
          .rows = problem.rows(),
          .columns = problem.columns(),
          .sha256 = {},
          .pattern = problem.pattern(),
          .segments = problem.segments(),
          .efficacy = figures["efficacy"].cast<std::optional<double>>(),
          .criterion = "magnitude",
          .criterion_options = {},
          .certificate_file = {},
          .result = std::move(result)};
}

Problem problem_of_solution(const py::array& scores, const py::dict& figures) {
  return problem_of(scores, figures["pattern"].cast<PatternNumbers>(),
                    figures["segments"].cast<std::vector<int>>());
}

/// Figures that are not what the permutation yields.
py::list check(const py::array& scores, const py::dict& figures) {
  const Problem problem = problem_of_solution(scores, figures);
  return list_of(check_solution(problem, stated_solution(problem, figures)));
}

void write(const std::string& path, const py::array& scores, const py::dict& figures, const std::string& name,
           const std::string& criterion, const OptionValues& criterion_options) {
  const Problem problem = problem_of_solution(scores, figures);
  Solution solution = stated_solution(problem, figures);
  solution.instance_name = name;
  solution.sha256 = fingerprint(problem.scores());
  solution.criterion = criterion;
  solution.criterion_options = criterion_options;
  write_solution(path, solution);
}

py::dict read(const std::string& path) {
  const Solution solution = read_solution(path);
  py::dict figures = dict_of(solution.pattern, solution.segments, solution.result);
  figures["efficacy"] = solution.efficacy;  // as stated
  return figures;
}

/// The figures of a solution file and what the permutation yields instead, where they differ.
py::list check_file(const py::array& scores, const std::string& path) {
  const Solution solution = read_solution(path);
  ScoreMatrix matrix = score_matrix_of(scores, "scores");
  require_same_scores(solution, matrix, path);
  const Problem problem(std::move(matrix), solution.pattern, solution.segments);
  return list_of(check_solution(problem, solution));
}

}  // namespace

void bind_solve(py::module_& module) {
  py::class_<CancelToken, std::shared_ptr<CancelToken>>(module, "CancelToken")
      .def(py::init<>())
      .def("cancel", [](CancelToken& token) { token.cancelled = true; });
  module.def("solve", &solve);
  module.def("solvers", &solvers);
  module.def("check", &check);
  module.def("check_file", &check_file);
  module.def("write_solution", &write);
  module.def("read_solution", &read);
}

}  // namespace nmperm::python
