// Permutations of a checkpoint's channels that no search has found.
#pragma once

#include <cstdint>

#include "checkpoints/checkpoint_plan.h"
#include "tests/support/arbitrary.h"

namespace nmperm::testing {

inline ChannelOrders random_orders(const CheckpointPlan& plan, std::uint64_t seed) {
  ChannelOrders orders;
  for (const CheckpointSet& set : plan.sets) orders.push_back(shuffled(Segments(set.segments), ++seed));
  return orders;
}

}  // namespace nmperm::testing
