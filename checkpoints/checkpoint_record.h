// The file that is added to a permuted checkpoint: what was done to it, enough to check it and to take it
// back.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoints/checkpoint_plan.h"

namespace nmperm {

/// Its name in the folder.
inline constexpr char kCheckpointRecord[] = "nmperm.json";
/// Longest record that is read.
inline constexpr std::uint64_t kMaxCheckpointRecordBytes = 1'000'000'000;

struct CheckpointRecord {
  struct PrunedAxis {
    std::string tensor;
    int axis = 0;  ///< the pattern was pruned along it
    bool operator==(const PrunedAxis&) const = default;
  };
  struct MovedAxis {
    std::string tensor;
    int axis = 0;
    int set = 0;  ///< index into `sets`, whose channels stand along the axis
    bool operator==(const MovedAxis&) const = default;
  };

  Pattern pattern;
  std::string criterion = "magnitude";  ///< what decided which weights were pruned
  std::vector<PrunedAxis> pruned;
  std::vector<MovedAxis> tensors;
  std::vector<std::pair<std::string, Permutation>> sets;  ///< names, and new orders of the channels
};

/// What a plan with these orders does; `pruned` says it of each placed tensor.
CheckpointRecord record_of(const CheckpointFiles& files, const CheckpointPlan& plan,
                           const ChannelOrders& orders, const std::vector<bool>& pruned,
                           const std::string& criterion);

std::string to_json(const CheckpointRecord& record);
/// Throws InputError, naming the place, when this is no record. Whether it fits a checkpoint is another
/// matter.
CheckpointRecord parse_checkpoint_record(const ByteSource& source);
/// That of a checkpoint; null where the folder has none.
std::optional<CheckpointRecord> read_record(const CheckpointFiles& files);

/// The orders that the record gives to the sets of plan_movement(); sets that it does not name stay. Throws
/// InputError where sets, moved axes or pruned weights are not those that this checkpoint can have.
ChannelOrders recorded_orders(const CheckpointFiles& files, const CheckpointPlan& plan,
                              const CheckpointRecord& record);

}  // namespace nmperm
