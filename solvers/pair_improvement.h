// A quick start for exact solvers: pairs of groups, re-divided in the best way until nothing gets better. All
// values come from the table of groups, in double, so that no rounded figure disturbs a proof.
#pragma once

#include <functional>
#include <vector>

#include "core/rng.h"
#include "formulations/group_values.h"

namespace nmperm {

/// What a division of a segment's columns into groups keeps. Columns count from the segment's first.
double kept_of_grouping(const GroupValues& values, const std::vector<int>& columns);

/// Improves a division of a segment's columns into groups of M consecutive entries of `columns`: a local
/// optimum under re-division of two groups (35 ways at M = 4). Values are table look-ups. Ends early, with
/// what it has, once `should_stop` says true.
void improve_pairs(const GroupValues& values, std::vector<int>& columns,
                   const std::function<bool()>& should_stop);

/// The same, then `kicks` times: shuffles the columns of three groups, improves pairs again, and goes back
/// where that kept less (iterated local search). 0.1 ms a kick at 64 columns in groups of 4.
void improve_by_kicks(const GroupValues& values, std::vector<int>& columns, int kicks, Rng rng,
                      const std::function<bool()>& should_stop);

}  // namespace nmperm
