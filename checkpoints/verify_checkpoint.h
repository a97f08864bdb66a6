// Do two checkpoints compute the same function?
#pragma once

#include "checkpoints/checkpoint_files.h"
#include "network/verify.h"

namespace nmperm {

/// Takes the permutations that either checkpoint records back and compares all tensors, whatever shards they
/// lie in, and config.json. Of pruned weights, the elements that are zero are recomputed where they were
/// chosen by magnitude; by another criterion they must be zero and obey the pattern.
///
/// Reads one tensor of each at a time; a pruned weight takes twice its size and its elements in float32.
/// Throws InputError where a record is broken, or there is one in a checkpoint of an unknown architecture.
StructuralProof compare_checkpoints(const CheckpointFiles& a, const CheckpointFiles& b);

}  // namespace nmperm
