// What was done to a model, as its metadata keep it: enough to check it and to take it back.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/pattern.h"
#include "core/permutation.h"
#include "network/onnx_model.h"

namespace nmperm {

/// Key of the metadata entry.
inline constexpr char kRecordKey[] = "nmperm";

/// One axis of one tensor: element i of the new axis is element permutation[i] of the old. With
/// `outer_count` > 1 there is one permutation for each block of `outer_block` indices of `outer_axis`; then
/// permutation[b * length + i] = b * length + (the old index), where b counts the blocks of the new tensor.
/// A permutation of `outer_axis` that moves blocks moves them as wholes, or moves elements inside them.
struct AxisPermutation {
  std::string tensor;
  int axis = 0;
  int outer_axis = -1;
  std::int64_t outer_block = 1, outer_count = 1;
  Permutation permutation;
};

/// A weight in which the pattern was pruned along an axis.
struct PrunedAxis {
  std::string tensor;
  int axis = 0;
};

struct PermutationRecord {
  Pattern pattern;
  std::vector<AxisPermutation> axes;
  std::vector<PrunedAxis> pruned;
  std::string criterion = "magnitude";  ///< what decided which weights were pruned
};

/// JSON of the metadata entry; equal permutations are written once.
std::string to_json(const PermutationRecord& record);

/// The record of a model; null where it has none. Throws InputError when the entry is none, or does not fit
/// the model's tensors.
std::optional<PermutationRecord> read_record(const OnnxModel& model);

/// Elements of a constant after all permutations of the record that name it; the elements as they are where
/// none does. O(elements).
std::vector<std::byte> permuted_bytes(const StoredConstant& constant, std::span<const std::byte> bytes,
                                      const PermutationRecord& record);

/// The record that takes the permutations of `record` back (zeros stay).
PermutationRecord inverse(const PermutationRecord& record);

/// Writes zeros where the pattern prunes along `axis` by these scores of the elements; ties as in
/// sparse/mask.h. Throws InputError, naming `subject`, where the axis makes no groups.
void prune_bytes(const StoredConstant& constant, int axis, const Pattern& pattern,
                 std::span<const float> scores, std::vector<std::byte>& bytes, const std::string& subject);

}  // namespace nmperm
