#include "checkpoints/moved_tensors.h"

#include <algorithm>
#include <cstdint>

namespace nmperm {
namespace {

/// What is read of a tensor at once, where its rows stay.
constexpr std::uint64_t kBlockBytes = 8 << 20;

bool moves(const TensorMove& move) {
  return std::any_of(move.orders.begin(), move.orders.end(),
                     [](const Permutation& order) { return !order.empty(); });
}

/// Calls visit(move of a block of rows, its bytes) from top to bottom. Where rows move, all of them are one
/// block.
template <typename Visit>
void for_each_block(const TensorMove& move, Visit visit) {
  TensorMove part = move;
  if (part.shape.empty()) part.shape = {1};
  const std::uint64_t rows = part.shape[0];
  std::uint64_t row_bytes = part.element_bytes;
  for (std::size_t axis = 1; axis < part.shape.size(); ++axis) row_bytes *= part.shape[axis];
  if (rows == 0 || row_bytes == 0) return;
  const bool whole = !part.orders.empty() && !part.orders[0].empty();
  const std::uint64_t step = whole ? rows : std::clamp<std::uint64_t>(kBlockBytes / row_bytes, 1, rows);
  for (std::uint64_t first = 0; first < rows; first += step) {
    part.shape[0] = std::min(step, rows - first);
    visit(part, static_cast<std::size_t>(part.shape[0] * row_bytes));
  }
}

}  // namespace

MovedTensors::MovedTensors(const CheckpointFiles& files, const CheckpointPlan& plan,
                           const ChannelOrders& orders)
    : files_(files), plan_(plan), orders_(orders), placed_(files.tensors().size(), -1) {
  for (std::size_t p = 0; p < plan.placed.size(); ++p) {
    placed_[static_cast<std::size_t>(plan.placed[p].tensor)] = static_cast<int>(p);
  }
}

TensorMove MovedTensors::move_of(std::size_t tensor) const {
  const CheckpointTensor& stored = files_.tensors()[tensor];
  TensorMove move;
  move.shape = stored.shape;
  std::uint64_t elements = 1;
  for (const std::uint64_t length : stored.shape) elements *= length;
  const std::uint64_t size_bytes = files_.stream(stored)->remaining_bytes();
  move.element_bytes = elements == 0 ? 0 : static_cast<std::size_t>(size_bytes / elements);
  if (placed_[tensor] < 0) return move;
  const PlacedTensor& place = plan_.placed[static_cast<std::size_t>(placed_[tensor])];
  for (std::size_t axis = 0; axis < place.rule->axes.size(); ++axis) {
    move.orders.push_back(axis_order(plan_, orders_, place, axis));
  }
  return move;
}

void MovedTensors::write(std::size_t tensor, AtomicFile& file) const {
  const auto stream = files_.stream(files_.tensors()[tensor]);
  for_each_block(move_of(tensor), [&](const TensorMove& part, std::size_t size) {
    std::vector<std::byte> bytes(size);
    stream->read(bytes);
    file.write(moves(part) ? moved_bytes(part, bytes) : std::move(bytes));
  });
}

MoveCheck MovedTensors::compare(std::size_t tensor, ByteStream& after) const {
  const auto before = files_.stream(files_.tensors()[tensor]);
  MoveCheck result;
  for_each_block(move_of(tensor), [&](const TensorMove& part, std::size_t size) {
    if (!result.equal) return;
    std::vector<std::byte> old_bytes(size), new_bytes(size);
    before->read(old_bytes);
    after.read(new_bytes);
    result = moves(part) ? check_move(part, old_bytes, new_bytes)
                         : MoveCheck{old_bytes == new_bytes, "it differs"};
  });
  return result;
}

MoveCheck MovedTensors::compare_pruned(std::size_t tensor, const Pattern& pattern, const ScoreMatrix& scores,
                                       std::span<const std::byte> after) const {
  const PlacedTensor& place = plan_.placed[static_cast<std::size_t>(placed_[tensor])];
  return check_pruned_move(move_of(tensor), place.rule->input_axis, pattern, scores,
                           files_.bytes(files_.tensors()[tensor]), after);
}

}  // namespace nmperm
