// Permuting a whole network.
#pragma once

#include <string>
#include <vector>

#include "network/network_plan.h"
#include "network/permutation_record.h"
#include "network/search_sets.h"

namespace nmperm {

/// A new order of channels, or of whole groups, that may trade places: channel i becomes what channel
/// order[i] was.
struct ChannelOrder {
  const TradingClasses* classes = nullptr;
  Permutation order;
};

/// Which atom each atom is after the orders, one after another. O(atoms).
std::vector<int> moved_atoms(const Coupling& coupling, const std::vector<ChannelOrder>& orders);

/// The permutations of all tensors that follow from those of the channels, one after another.
PermutationRecord record_of(const OnnxModel& model, const Coupling& coupling, const Pattern& pattern,
                            const std::vector<ChannelOrder>& orders);

/// The order of a set's channels under a permutation of its columns: channels that straddle groups stay.
Permutation channel_order(const PermutableSet& set, const Permutation& columns);

/// Permutes every tensor that the record names and adds the metadata entry. Throws InputError where the model
/// has one already.
void apply_record(OnnxModel& model, const PermutationRecord& record);

/// Zeroes what the pattern prunes in the selected weights of a permuted model, and enters that in `record`
/// and the metadata. Throws InputError where a weight is not finite, and as Scoring::score().
void prune_weights(OnnxModel& model, PermutationRecord& record, const NetworkPlan& plan,
                   const Scoring& scoring = {});

/// Takes the permutations of the model's own record back and removes the entry; zeros stay.
/// Throws InputError where the model has none.
void undo(OnnxModel& model);

/// Magnitudes (sums of scores) of all selected weights together: of the model as it is (total, default, row
/// bound), kept in `permuted`.
Magnitude network_magnitude(const OnnxModel& model, const OnnxModel& permuted, const NetworkPlan& plan,
                            const Scoring& scoring = {});

}  // namespace nmperm
