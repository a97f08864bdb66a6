#include "network/matrix_product.h"

#include <algorithm>

#include "network/broadcast.h"

namespace nmperm {
namespace {

struct Side : Factor {
  const LabelBlock* summed_block;
  const LabelBlock* kept_block;

  int batch_axes() const { return view->rank() - 2; }
};

class Product {
 public:
  Product(Operation& operation, const Factor& a, const Factor& b)
      : operation_(operation), a_{a, nullptr, nullptr}, b_{b, nullptr, nullptr} {
    batch_ = std::max(a_.batch_axes(), b_.batch_axes());
  }

  bool follow(TensorView& out) {
    if (!set_dims(out)) return false;
    for (Side* side : {&a_, &b_}) prepare(*side);
    sum();
    for (const Side* side : {&a_, &b_}) {
      if (side->kept_block == nullptr) continue;
      LabelBlock block = *side->kept_block;
      for (int& axis : block.axes) {
        axis = axis == side->kept ? batch_ + (side == &a_ ? 0 : 1) : axis + batch_ - side->batch_axes();
      }
      if (!out.blocks.empty() && block.axes.front() < batch_ && out.blocks[0].axes.front() < batch_) {
        operation_.pin(block, "both sides of " + operation_.described() + " have channels on a common axis");
        continue;
      }
      out.blocks.push_back(std::move(block));
    }
    out.reason = b_.kept_block == nullptr ? b_.view->reason : a_.view->reason;
    return true;
  }

 private:
  bool set_dims(TensorView& out) {
    const auto leading = [](const Side& side) {
      TensorView view;
      view.known_rank = true;
      view.dims.assign(side.view->dims.begin(), side.view->dims.end() - 2);
      return view;
    };
    const TensorView a = leading(a_), b = leading(b_);
    if (!broadcast_dims({{&a, 0}, {&b, 1}}, out.dims)) return false;
    const std::int64_t summed_a = a_.view->dim(a_.summed), summed_b = b_.view->dim(b_.summed);
    if (summed_a != summed_b && summed_a != kUnknownDimension && summed_b != kUnknownDimension) return false;
    batch_dims_ = out.dims;
    out.known_rank = true;
    out.dims.push_back(a_.view->dim(a_.kept));
    out.dims.push_back(b_.view->dim(b_.kept));
    return true;
  }

  /// Finds the blocks of the summed and the kept axis; elements never cross a batch axis.
  void prepare(Side& side) {
    std::vector<int> batch;
    for (int axis = 0; axis < side.batch_axes(); ++axis) batch.push_back(axis);
    for (const LabelBlock& block : side.view->blocks) {
      const bool summed = axis_position(block, side.summed) >= 0, kept = axis_position(block, side.kept) >= 0;
      if (summed && kept) {
        operation_.pin(block, "rows and columns of a factor of " + operation_.described() + " move together");
        continue;
      }
      if (block.axes.front() < side.batch_axes())
        operation_.mark_positions(*side.view, block, side.port, batch);
      if (summed) side.summed_block = &block;
      if (kept) side.kept_block = &block;
    }
  }

  void sum() {
    if (a_.summed_block == nullptr || b_.summed_block == nullptr) {
      operation_.tie_axes(a_.summed_block, *a_.view, a_.port, b_.summed_block, *b_.view, b_.port);
      return;
    }
    std::vector<int> axes;  // of the batch, that either block covers
    for (const Side* side : {&a_, &b_}) {
      for (const int axis : side->summed_block->axes) {
        if (axis < side->batch_axes()) axes.push_back(axis + batch_ - side->batch_axes());
      }
    }
    std::sort(axes.begin(), axes.end());
    axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
    std::vector<std::int64_t> sizes;
    for (const int axis : axes) sizes.push_back(batch_dims_[static_cast<std::size_t>(axis)]);
    sizes.push_back(a_.view->dim(a_.summed));
    std::vector<int> leading(axes.size());
    for (std::size_t i = 0; i < axes.size(); ++i) leading[i] = static_cast<int>(i);
    const std::vector<int> in_a = positions(a_, axes), in_b = positions(b_, axes);
    for (IndexCounter counter(sizes); !counter.done(); counter.next()) {
      const auto at_a = static_cast<std::size_t>(linear_index(counter.index(), sizes, in_a));
      const auto at_b = static_cast<std::size_t>(linear_index(counter.index(), sizes, in_b));
      operation_.ties().tie(a_.summed_block->labels[at_a], b_.summed_block->labels[at_b], operation_.index(),
                            a_.port, b_.port, linear_index(counter.index(), sizes, leading));
    }
  }

  /// Where each axis of the side's summed block stands in `axes` and the summed axis after them, in the
  /// block's own order.
  std::vector<int> positions(const Side& side, const std::vector<int>& axes) const {
    std::vector<int> result;
    for (const int axis : side.summed_block->axes) {
      if (axis == side.summed) {
        result.push_back(static_cast<int>(axes.size()));
      } else {
        const int target = axis + batch_ - side.batch_axes();
        result.push_back(static_cast<int>(std::find(axes.begin(), axes.end(), target) - axes.begin()));
      }
    }
    return result;
  }

  Operation& operation_;
  Side a_, b_;
  int batch_;
  Shape batch_dims_;
};

}  // namespace

bool follow_product(Operation& operation, const Factor& a, const Factor& b, TensorView& out) {
  return Product(operation, a, b).follow(out);
}

}  // namespace nmperm
