// What a results file has for the instance library.
#pragma once

#include <string>
#include <vector>

#include "instances/library.h"
#include "instances/solution.h"

namespace nmperm {

/// What `nmperm library update` takes from a file: of a results file the permutation that keeps most of each
/// instance of the library (without bounds: results files have no certificates), else the one solution of
/// read_submission(). Throws InputError where it is neither, or no run is of the library and tells its
/// permutation.
std::vector<Solution> read_submissions(const std::string& path, const Library& library);

}  // namespace nmperm
