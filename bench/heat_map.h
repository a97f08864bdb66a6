// Where an instance keeps its magnitude, before and after a permutation, block by block.
#pragma once

#include <string>
#include <vector>

#include "core/permutation.h"
#include "core/problem.h"

namespace nmperm {

/// Shares of magnitude that are kept: cells[r][g] of a block of consecutive rows and one of groups. Columns
/// are in falling order of the share that they keep, so that two maps compare.
using HeatMap = std::vector<std::vector<double>>;

/// At most `cells` blocks of rows and as many of groups, as equal as can be. A block without magnitude keeps
/// all of it. O(R C log M).
HeatMap kept_shares(const Problem& problem, const Permutation& permutation, int cells);

}  // namespace nmperm
