// What `solve` says about a result when it writes no file, and in one line when it does.
#pragma once

#include <string>

#include "core/problem.h"
#include "core/result.h"

namespace nmperm {

/// Some lines for a reader: magnitudes, efficacy, bound, status.
std::string summary(const std::string& instance_name, const Problem& problem, const Result& result);

/// "optimal after 1.92 s: kept 2926.952, efficacy 39.260 %, gap 0"
std::string one_line_summary(const Result& result);

/// A CSV table, columns seconds,kept,efficacy,bound,gap,source; a field is empty where nothing is known.
std::string trace_csv(const Result& result);

/// "4.5 MiB"
std::string bytes_text(double bytes);

}  // namespace nmperm
