// The tensors of a checkpoint under permutations of its channels: written, and held against others.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "checkpoints/checkpoint_plan.h"
#include "checkpoints/move_tensor.h"
#include "io/atomic_file.h"

namespace nmperm {

/// Reads one tensor at a time, those that keep their rows in blocks of some megabytes: tables as long as the
/// vocabulary are never held as a whole. Refers to files, plan and orders.
class MovedTensors {
 public:
  /// `plan` is one of these files, `orders` has a permutation for each of its sets.
  MovedTensors(const CheckpointFiles& files, const CheckpointPlan& plan, const ChannelOrders& orders);

  /// Index into CheckpointPlan::placed, or -1 where the plan does not know the tensor.
  int placed(std::size_t tensor) const { return placed_[tensor]; }
  /// How a tensor moves; without orders where it stays.
  TensorMove move_of(std::size_t tensor) const;

  /// Adds the moved tensor to a file. Throws InputError where it cannot be read or written.
  void write(std::size_t tensor, AtomicFile& file) const;

  /// Whether `after`, as long as the tensor, holds it moved, bit for bit.
  MoveCheck compare(std::size_t tensor, ByteStream& after) const;
  /// The same for a linear weight that was pruned as it was moved, see check_pruned_move().
  MoveCheck compare_pruned(std::size_t tensor, const Pattern& pattern, const ScoreMatrix& scores,
                           std::span<const std::byte> after) const;

 private:
  const CheckpointFiles& files_;
  const CheckpointPlan& plan_;
  const ChannelOrders& orders_;
  std::vector<int> placed_;
};

}  // namespace nmperm
