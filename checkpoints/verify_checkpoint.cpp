#include "checkpoints/verify_checkpoint.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "checkpoints/checkpoint_record.h"
#include "checkpoints/moved_tensors.h"
#include "checkpoints/set_scores.h"

namespace nmperm {
namespace {

/// One of the two: what it is, and what was done to it.
struct Side {
  explicit Side(const CheckpointFiles& checkpoint) : files(checkpoint), record(read_record(checkpoint)) {}

  /// Needed where either side has a record: without, nothing moved.
  void find_sets() {
    plan = plan_movement(files);
    if (record) {
      orders = recorded_orders(files, plan, *record);
      for (const auto& axis : record->pruned) pruned.insert(axis.tensor);
    } else {
      for (const CheckpointSet& set : plan.sets) orders.push_back(identity_permutation(set.channels()));
    }
  }

  const CheckpointFiles& files;
  std::optional<CheckpointRecord> record;
  CheckpointPlan plan;
  ChannelOrders orders;
  std::set<std::string> pruned;
};

/// From the order of one side to that of the other.
ChannelOrders between(const ChannelOrders& from, const ChannelOrders& to) {
  ChannelOrders orders;
  for (std::size_t s = 0; s < from.size(); ++s) {
    const Permutation places = inverse_permutation(from[s]);
    Permutation order;
    for (const int original : to[s]) order.push_back(places[static_cast<std::size_t>(original)]);
    orders.push_back(std::move(order));
  }
  return orders;
}

/// Scores by which pruning `before` yields `after` where that obeys the pattern: elements that differ rank
/// last, zeros that stood there before come next.
ScoreMatrix scores_of_zeros(const TensorMove& move, int input_axis, std::span<const std::byte> before,
                            std::span<const std::byte> after) {
  TensorMove back = move;
  for (Permutation& order : back.orders) order = inverse_permutation(order);
  const std::vector<std::byte> found = moved_bytes(back, after);
  const auto rows = static_cast<int>(move.shape[0]), columns = static_cast<int>(move.shape[1]);
  ScoreMatrix scores(input_axis == 1 ? rows : columns, input_axis == 1 ? columns : rows);
  const std::vector<std::byte> zero(move.element_bytes);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      const std::size_t at =
          (static_cast<std::size_t>(r) * move.shape[1] + static_cast<std::size_t>(c)) * move.element_bytes;
      float& score = input_axis == 1 ? scores.at(r, c) : scores.at(c, r);
      if (std::memcmp(before.data() + at, found.data() + at, move.element_bytes) != 0) continue;
      score = std::memcmp(found.data() + at, zero.data(), move.element_bytes) == 0 ? 0.5f : 1.0f;
    }
  }
  return scores;
}

/// Whether the tensor of this name is, in `pruned`, that of `whole` moved and pruned.
bool is_pruned_from(const Side& whole, const MovedTensors& moved, const Side& pruned,
                    const std::string& name) {
  const auto index = static_cast<std::size_t>(whole.files.find(name));
  const CheckpointTensor& tensor = whole.files.tensors()[index];
  const int placed = moved.placed(index);
  const std::vector<std::byte> after =
      pruned.files.bytes(pruned.files.tensors()[static_cast<std::size_t>(pruned.files.find(name))]);
  const bool by_magnitude = pruned.record->criterion == Criterion().info().name;
  const ScoreMatrix scores =
      by_magnitude ? scores_of(whole.files, whole.plan, placed, Scoring())
                   : scores_of_zeros(moved.move_of(index),
                                     whole.plan.placed[static_cast<std::size_t>(placed)].rule->input_axis,
                                     whole.files.bytes(tensor), after);
  return moved.compare_pruned(index, pruned.record->pattern, scores, after).equal;
}

/// The first difference in what the checkpoints hold, tensors aside.
std::string difference_of_contents(const CheckpointFiles& a, const CheckpointFiles& b) {
  if (a.config() != b.config()) return "config.json differs";
  for (const CheckpointTensor& tensor : a.tensors()) {
    const int other = b.find(tensor.name);
    if (other < 0) return "the other has no tensor '" + tensor.name + "'";
    const CheckpointTensor& found = b.tensors()[static_cast<std::size_t>(other)];
    if (found.dtype != tensor.dtype || found.shape != tensor.shape) {
      return "tensor '" + tensor.name + "' has another type or shape";
    }
  }
  for (const CheckpointTensor& tensor : b.tensors()) {
    if (a.find(tensor.name) < 0) return "the other has a tensor '" + tensor.name + "' more";
  }
  return {};
}

}  // namespace

StructuralProof compare_checkpoints(const CheckpointFiles& a, const CheckpointFiles& b) {
  StructuralProof proof;
  proof.difference = difference_of_contents(a, b);
  if (!proof.difference.empty()) return proof;
  Side first(a), second(b);
  if (first.record || second.record) {
    first.find_sets();
    second.find_sets();
  }
  const ChannelOrders forth = between(first.orders, second.orders),
                      back = between(second.orders, first.orders);
  const MovedTensors forward(a, first.plan, forth), backward(b, second.plan, back);
  for (std::size_t i = 0; i < a.tensors().size(); ++i) {
    const std::string& name = a.tensors()[i].name;
    const auto other = b.stream(b.tensors()[static_cast<std::size_t>(b.find(name))]);
    const MoveCheck found = forward.compare(i, *other);
    if (found.equal) continue;
    const bool pruned_first = first.pruned.count(name) > 0, pruned_second = second.pruned.count(name) > 0;
    const bool pruned =
        pruned_first != pruned_second && (pruned_second ? is_pruned_from(first, forward, second, name)
                                                        : is_pruned_from(second, backward, first, name));
    if (!pruned) {
      proof.difference =
          "tensor '" + name + "' is not the other's under the recorded permutations: " + found.difference;
      return proof;
    }
    proof.pruned = true;
  }
  proof.equal = true;
  return proof;
}

}  // namespace nmperm
