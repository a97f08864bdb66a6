// Runs for tests of results: solved here, one thread, without processes.
#pragma once

#include <string>

#include "bench/comparison.h"

namespace nmperm::testing {

/// A run of this solver with seed 0 on this instance, as `compare` would have made it.
ComparisonRun run_of(const std::string& instance, const std::string& solver);

}  // namespace nmperm::testing
