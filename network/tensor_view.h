// What coupling knows of a tensor that flows: its dimensions, and what each element of its axes moves with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "network/channel_ties.h"
#include "network/layer_graph.h"

namespace nmperm {

/// Axes whose elements move together: usually one, the channels; two where a reshape has split channels into
/// heads and places inside a head. One label for each index of these axes, the last runs fastest. The labels
/// of a block differ from each other. Axes of dimension 1 are in no block.
struct LabelBlock {
  std::vector<int> axes;  ///< ascending
  std::vector<Label> labels;
};

/// Under every exchange of channels, the elements of a block are permuted as its labels are; all other axes
/// stay as they are. Different blocks have no axis in common.
struct TensorView {
  bool known_rank = false;
  Shape dims;
  std::vector<LabelBlock> blocks;
  /// Elements, where the tensor is a small integer one whose elements follow from the file.
  /// kUnknownElement stands for those that do not.
  std::optional<std::vector<std::int64_t>> values;
  bool real_values = false;  ///< `values` are floating-point numbers that happen to be whole
  /// Why its axes without labels do not move, in words that follow "its channels are".
  std::string reason;
  int constant = -1;     ///< the stored constant that this is, unchanged
  bool uniform = false;  ///< all its elements are equal, so that they may be permuted in any way

  int rank() const { return static_cast<int>(dims.size()); }
  std::int64_t dim(int axis) const { return dims[static_cast<std::size_t>(axis)]; }
  /// The block that holds the axis, or null.
  LabelBlock* block_of(int axis);
  const LabelBlock* block_of(int axis) const;
  /// The block that consists of this axis alone, or null.
  const LabelBlock* single(int axis) const;
};
inline constexpr std::int64_t kUnknownElement = INT64_MIN;
/// Blocks larger than this are pinned instead of followed.
inline constexpr std::int64_t kMaxBlockLabels = std::int64_t{1} << 26;

/// Dimensions and integers of a file beyond this are not followed: their products must not overflow.
inline constexpr std::int64_t kMaxFollowedInteger = std::int64_t{1} << 30;

/// Position of the axis in the block, or -1.
int axis_position(const LabelBlock& block, int axis);

/// Runs over all indices of some dimensions, the last fastest.
class IndexCounter {
 public:
  explicit IndexCounter(std::vector<std::int64_t> dims);
  bool done() const { return done_; }
  void next();
  const std::vector<std::int64_t>& index() const { return index_; }

 private:
  std::vector<std::int64_t> dims_, index_;
  bool done_;
};

/// Linear index of `index[i]` for the positions in `which`, among `dims`.
std::int64_t linear_index(const std::vector<std::int64_t>& index, const std::vector<std::int64_t>& dims,
                          const std::vector<int>& which);
/// Product; kUnknownDimension where one is unknown.
std::int64_t product(const std::vector<std::int64_t>& dims);

}  // namespace nmperm
