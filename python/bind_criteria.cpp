// Criteria: from weights and statistics to scores.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "core/error.h"
#include "criteria/criterion.h"
#include "python/arrays.h"
#include "python/bindings.h"

namespace py = pybind11;

namespace nmperm::python {
namespace {

using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

std::vector<double> values_of(const Doubles& array) {
  return {array.data(), array.data() + array.size()};
}

/// The full matrix (or one block for each group) where there is more than one dimension.
Hessian hessian_of(const Doubles& array) {
  const auto columns = array.shape(array.ndim() - 1);
  if (array.ndim() > 3 || (array.ndim() > 1 && array.shape(array.ndim() - 2) != columns)) {
    throw InputError("hessian", {}, "array of " + std::to_string(array.ndim()) + " dimensions",
                     "the diagonal [C], a matrix [C, C], or one for each group [G, C, C]");
  }
  return {array.ndim() > 1, values_of(array)};
}

py::array_t<float> score(const std::string& name, const OptionValues& options, const py::array& weights,
                         const std::optional<Doubles>& norms, const std::optional<Doubles>& hessian,
                         const std::optional<py::array>& gradient) {
  const Criterion criterion(name, options);
  ScoreMatrix matrix = score_matrix_of(weights, "weights");
  LayerStatistics statistics;
  if (norms) {
    statistics.subject = "norms";
    statistics.norms = values_of(*norms);
  }
  if (hessian) {
    statistics.subject = "hessian";
    statistics.hessian = hessian_of(*hessian);
  }
  if (gradient) {
    statistics.subject = "gradient";
    statistics.gradient = score_matrix_of(*gradient, "gradient");
  }
  ScoreMatrix scores = [&] {
    const py::gil_scoped_release without_gil;
    return criterion.score(std::move(matrix), statistics);
  }();
  return array_of(std::move(scores), shape_of(weights));
}

}  // namespace

void bind_criteria(py::module_& module) {
  module.def("needed_statistic",
             [](const std::string& name) { return to_string(find_criterion(name).statistic); });
  module.def("score", &score);
}

}  // namespace nmperm::python
