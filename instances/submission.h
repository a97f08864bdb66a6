// What is handed in to the library: a solution file, or a permutation alone, as programs of others write it.
#pragma once

#include <string>

#include "instances/library.h"
#include "instances/solution.h"

namespace nmperm {

/// Reads a solution file (read_solution()), or a permutation of an instance of the library (docs/library.md):
/// {"format": "nmperm-permutation", "version": 1, "instance": NAME, "solver": TEXT, "permutation": [...]}. Of
/// the latter the figures are computed here, O(R C), and there is no bound. Throws InputError, naming the
/// place, when the file is neither, `instance` is not in the library, or the permutation is none of its
/// columns.
Solution read_submission(const std::string& path, const Library& library);

}  // namespace nmperm
