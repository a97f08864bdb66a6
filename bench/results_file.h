// The results file: runs of comparisons, with the machine that they were made on (JSON).
#pragma once

#include <string>
#include <vector>

#include "bench/comparison.h"

namespace nmperm {

/// Adds runs to the results file at `path`, which is created where there is none. Written whole or not at
/// all. Throws InputError when the file exists and is no results file of version 1, or cannot be written.
///
/// {"format": "nmperm-results", "version": 1, "runs": [{"instance": {"name", "rows", "columns"}, "pattern",
/// "solver", "options", "seed", "threads", "time_limit", "refusal", "magnitude": {...}, "efficacy", "bound",
/// "gap", "status", "seconds", "trace": [{"seconds", "kept", "bound", "source"}], "program", "machine":
/// {...}}]}
void add_to_results_file(const std::string& path, const std::vector<ComparisonRun>& runs);

/// Throws as add_to_results_file(): to be called before a long comparison.
void require_results_file(const std::string& path);

}  // namespace nmperm
