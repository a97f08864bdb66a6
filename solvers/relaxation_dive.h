// Dives in the linear relaxation: fix groups that it wants, solve again, until a partition is complete.
#pragma once

#include "core/rng.h"
#include "solvers/segment_relaxation.h"

namespace nmperm {

/// One dive from the relaxation of all columns; `noise` (0: none) is added to weights when groups are chosen.
/// Offers what it ends with; gives up once its bound is not below the incumbent. Leaves all groups of the
/// master open. Returns whether the incumbent improved. About C / M linear programs, each smaller than the
/// one before.
bool dive_in_relaxation(SegmentRelaxation& relaxation, const std::vector<std::uint32_t>& subset, double noise,
                        Rng& rng);

/// Entropic dives (heuristics/partition_dive.h) that begin with the groups of least reduced cost of the pool:
/// `dives` of them, until the gap is closed, the search should stop or its clock shows `end_s`. What they end
/// with is polished by assignments.
void dive_entropically(SegmentRelaxation& relaxation, std::int64_t dives, double end_s);

}  // namespace nmperm
