// Problems and results between Python and the library.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>

#include "core/problem.h"
#include "core/result.h"

namespace nmperm::python {

/// N and M.
using PatternNumbers = std::pair<int, int>;

Pattern pattern_of(const PatternNumbers& numbers);

/// Scores, pattern and lengths of segments as a problem. Transposes once; then checks and sums all scores.
/// Throws InputError as score_matrix_of() and Problem do.
Problem problem_of(const pybind11::array& scores, const PatternNumbers& pattern,
                   const std::optional<std::vector<int>>& segments);

/// Every figure of a result under the names of the solution file.
pybind11::dict dict_of(const Pattern& pattern, const Segments& segments, const Result& result);

/// The other way, as far as a solution file states it: trace points are dictionaries. Throws InputError where
/// the permutation or the status is none, and what pybind11 throws where an entry is missing or of another
/// type.
Result result_of(const pybind11::dict& dict);

}  // namespace nmperm::python
