#include "network/tensor_view.h"

#include <algorithm>
#include <utility>

namespace nmperm {

LabelBlock* TensorView::block_of(int axis) {
  for (LabelBlock& block : blocks) {
    if (axis_position(block, axis) >= 0) return &block;
  }
  return nullptr;
}

const LabelBlock* TensorView::block_of(int axis) const {
  return const_cast<TensorView*>(this)->block_of(axis);
}

const LabelBlock* TensorView::single(int axis) const {
  const LabelBlock* const block = block_of(axis);
  return block != nullptr && block->axes.size() == 1 ? block : nullptr;
}

int axis_position(const LabelBlock& block, int axis) {
  const auto found = std::find(block.axes.begin(), block.axes.end(), axis);
  return found == block.axes.end() ? -1 : static_cast<int>(found - block.axes.begin());
}

IndexCounter::IndexCounter(std::vector<std::int64_t> dims)
    : dims_(std::move(dims)),
      index_(dims_.size(), 0),
      done_(std::find(dims_.begin(), dims_.end(), 0) != dims_.end()) {}

void IndexCounter::next() {
  for (std::size_t i = dims_.size(); i-- > 0;) {
    if (++index_[i] < dims_[i]) return;
    index_[i] = 0;
  }
  done_ = true;
}

std::int64_t linear_index(const std::vector<std::int64_t>& index, const std::vector<std::int64_t>& dims,
                          const std::vector<int>& which) {
  std::int64_t linear = 0;
  for (const int i : which) {
    linear = linear * dims[static_cast<std::size_t>(i)] + index[static_cast<std::size_t>(i)];
  }
  return linear;
}

std::int64_t product(const std::vector<std::int64_t>& dims) {
  std::int64_t result = 1;
  for (const std::int64_t dim : dims) {
    if (dim == kUnknownDimension) return kUnknownDimension;
    if (dim != 0 && result > INT64_MAX / dim) return kUnknownDimension;
    result *= dim;
  }
  return result;
}

}  // namespace nmperm
