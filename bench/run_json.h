// A run of a comparison as JSON, in both directions side by side.
#pragma once

#include <nlohmann/json.hpp>

#include "bench/comparison.h"
#include "io/json.h"

namespace nmperm {

/// An element of `runs` in a results file (docs/formats.md).
nlohmann::ordered_json run_json(const ComparisonRun& run);

/// Throws InputError, naming the place, when a field is missing, of a wrong type or out of range. Fields that
/// files of earlier programs lack (sha256, segments, permutation, options that were given, date) may be
/// missing; unknown fields are ignored.
ComparisonRun run_of_json(const JsonValue& value);

}  // namespace nmperm
