// Channels that are runs of columns whose length is no multiple of M: a convolution's channels before a
// linear layer, flattened (7 x 7 = 49 columns each). Groups of M straddle two channels at the ends of the
// runs; inside, what is kept depends on where in a group the run begins, and that is what an order of the
// channels can choose.
#pragma once

#include "core/result.h"
#include "network/network_plan.h"

namespace nmperm {

/// Columns of each channel where the set is such: its only consumer is one weight, all of whose columns it
/// has, as runs of this length, which is no multiple of M. 0 for all other sets.
int run_length(const NetworkPlan& plan, const PermutableSet& set);

/// An order of the set's channels that begins each run where it keeps most, found by exchanges of pairs from
/// the present order until none helps; it is taken where the whole weight keeps more with it than without.
/// Magnitudes are those of the whole weight. Time O(R C + channels^2 * passes), memory 4 R C bytes.
Result align_runs(const OnnxModel& model, const NetworkPlan& plan, const PermutableSet& set,
                  const Scoring& scoring = {});

}  // namespace nmperm
