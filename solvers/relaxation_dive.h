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

}  // namespace nmperm
