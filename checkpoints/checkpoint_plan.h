// What may move in a checkpoint and what may be gained by it: its tensors matched to the description of the
// architecture, its permutable sets, and its linear weights.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkpoints/checkpoint_files.h"
#include "checkpoints/model_shape.h"
#include "core/pattern.h"
#include "core/permutation.h"
#include "core/segments.h"
#include "network/network_plan.h"
#include "network/pruning_rule.h"

namespace nmperm {

/// A tensor of the description that the checkpoint holds.
struct PlacedTensor {
  int tensor = 0;  ///< index into CheckpointFiles::tensors()
  const TensorRule* rule = nullptr;
  int layer = -1;  ///< -1 outside of the blocks
};

/// What the channels of a set are.
enum class SetKind { kResidual, kIntermediate, kValue };

/// Columns of one weight that are the channels of a set, in their order. With grouped queries the output
/// projection has several such runs: one for each query head that shares a value head.
struct ConsumerColumns {
  int placed = 0;  ///< index into CheckpointPlan::placed
  std::vector<int> columns;
};

/// Channels that may trade places inside segments.
struct CheckpointSet {
  std::string name;
  SetKind kind = SetKind::kResidual;
  int layer = -1;
  std::vector<int> segments;                             ///< lengths; their sum is the number of channels
  std::vector<ConsumerColumns> consumers;                ///< of selected weights
  std::vector<SetTensor> producers, reading, followers;  ///< tensors that move; `reading`: the consumers

  int channels() const { return Segments(segments).columns(); }
};

/// A linear weight, or a dense one outside of the blocks, with what is decided on it.
struct CheckpointWeight {
  int placed = 0;
  std::int64_t elements = 0;
  bool suits_rule = false;  ///< counts as prunable
  bool selected = false;    ///< is pruned
  bool free = false;        ///< its input channels may move
  std::string reason;       ///< why it is not selected, or not free
};

struct CheckpointPlan {
  ModelShape shape;
  Pattern pattern;
  std::vector<PlacedTensor> placed;
  std::vector<CheckpointSet> sets;  ///< residual stream first, then layer by layer
  std::vector<CheckpointWeight> weights;

  Coverage coverage() const;
  /// Index of the set whose channels stand along an axis of a tensor of this layer, or -1 where they stay.
  int set_along(Axis axis, int layer) const;
  const CheckpointTensor& tensor(const CheckpointFiles& files, int placed_index) const {
    const int index = placed[static_cast<std::size_t>(placed_index)].tensor;
    return files.tensors()[static_cast<std::size_t>(index)];
  }
};

/// For each set a permutation of its channels.
using ChannelOrders = std::vector<Permutation>;

/// New order of the elements along an axis of a tensor: element i is element [i] of the old order. Empty
/// where they stay.
Permutation axis_order(const CheckpointPlan& plan, const ChannelOrders& orders, const PlacedTensor& placed,
                       std::size_t axis);

/// Throws InputError where a tensor is missing, has another shape than config.json says, is stored in a type
/// that is not floating-point although it moves, or belongs to a layer that config.json does not know.
/// A tensor that the description does not know leaves what it may read where it is.
CheckpointPlan plan_checkpoint(const CheckpointFiles& files, const Pattern& pattern, const PruningRule& rule);

/// The sets of all patterns and rules together, under the same names: what may have moved in a checkpoint of
/// which no more is known. Throws as plan_checkpoint().
CheckpointPlan plan_movement(const CheckpointFiles& files);

}  // namespace nmperm
