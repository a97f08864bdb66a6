// What `compare` prints: efficacy at several times, a row for each instance and preset.
#pragma once

#include <string>
#include <vector>

#include "bench/comparison.h"

namespace nmperm {

/// A table for a reader: for every instance, preset and time limit the mean efficacy over seeds after 0.01 s,
/// 0.1 s, 1 s ... and at the end, and its spread at the end. Refusals and failures say why.
std::string comparison_table(const std::vector<ComparisonRun>& runs);

}  // namespace nmperm
