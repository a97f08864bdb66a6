#include "python/problems.h"

#include <utility>

#include <pybind11/stl.h>

#include "core/error.h"
#include "python/arrays.h"

namespace py = pybind11;

namespace nmperm::python {
namespace {

py::dict dict_of(const Magnitude& magnitude) {
  py::dict dict;
  dict["total"] = magnitude.total;
  dict["default"] = magnitude.default_kept;
  dict["row_bound"] = magnitude.row_bound;
  dict["kept"] = magnitude.kept;
  return dict;
}

py::object object_of(const std::optional<Bound>& bound) {
  if (!bound) return py::none();
  py::dict dict;
  dict["kept"] = bound->kept;
  dict["method"] = bound->method;
  return dict;
}

py::list list_of(const std::vector<TracePoint>& trace) {
  py::list list;
  for (const TracePoint& point : trace) {
    list.append(py::make_tuple(point.seconds, point.kept, point.bound, point.source));
  }
  return list;
}

Status status_of(const std::string& text) {
  if (const auto status = status_named(text)) return *status;
  throw InputError("solution", "status", "'" + text + "'", "optimal, feasible, time_limit or interrupted");
}

/// An entry of a dictionary.
template <typename Value>
Value get(const py::dict& dict, const char* name) {
  return dict[name].cast<Value>();
}

}  // namespace

Pattern pattern_of(const PatternNumbers& numbers) {
  const Pattern pattern{numbers.first, numbers.second};
  pattern.validate();
  return pattern;
}

Problem problem_of(const py::array& scores, const PatternNumbers& pattern,
                   const std::optional<std::vector<int>>& segments) {
  const Pattern checked = pattern_of(pattern);
  ScoreMatrix matrix = score_matrix_of(scores, "scores");
  const py::gil_scoped_release without_gil;
  std::optional<Segments> blocks;
  if (segments) blocks.emplace(*segments);
  return Problem(std::move(matrix), checked, std::move(blocks));
}

py::dict dict_of(const Pattern& pattern, const Segments& segments, const Result& result) {
  py::dict dict;
  dict["permutation"] = array_of(result.permutation);
  dict["pattern"] = py::make_tuple(pattern.keep, pattern.group);
  dict["segments"] = py::tuple(py::cast(segments.lengths()));
  dict["magnitude"] = dict_of(result.magnitude);
  dict["efficacy"] = result.magnitude.efficacy();
  dict["bound"] = object_of(result.bound);
  dict["gap"] = result.gap;
  dict["status"] = to_string(result.status);
  dict["solver"] = result.solver;
  dict["options"] = result.options;
  dict["seed"] = result.seed;
  dict["threads"] = result.threads;
  dict["seconds"] = result.seconds;
  dict["trace"] = list_of(result.trace);
  return dict;
}

Result result_of(const py::dict& dict) {
  Result result;
  result.permutation =
      permutation_of(get<py::array_t<std::int64_t>>(dict, "permutation"), "solution.permutation");
  const auto magnitude = get<py::dict>(dict, "magnitude");
  result.magnitude = {get<double>(magnitude, "total"), get<double>(magnitude, "default"),
                      get<double>(magnitude, "row_bound"), get<double>(magnitude, "kept")};
  if (!dict["bound"].is_none()) {
    const auto bound = get<py::dict>(dict, "bound");
    result.bound = Bound{get<double>(bound, "kept"), get<std::string>(bound, "method"), nullptr};
  }
  result.gap = get<std::optional<double>>(dict, "gap");
  result.status = status_of(get<std::string>(dict, "status"));
  result.solver = get<std::string>(dict, "solver");
  result.options = get<OptionValues>(dict, "options");
  result.seed = get<std::uint64_t>(dict, "seed");
  result.threads = get<int>(dict, "threads");
  result.seconds = get<double>(dict, "seconds");
  for (const py::handle point : dict["trace"]) {
    const auto fields = py::reinterpret_borrow<py::dict>(point);
    result.trace.push_back({get<double>(fields, "seconds"), get<double>(fields, "kept"),
                            get<std::optional<double>>(fields, "bound"), get<std::string>(fields, "source")});
  }
  return result;
}

}  // namespace nmperm::python
