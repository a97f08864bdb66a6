#include "network/matrix_product.h"

#include <algorithm>
#include <numeric>

#include "network/broadcast.h"

namespace nmperm {
namespace {

struct Side : Factor {
  const LabelBlock* summed_block;
  const LabelBlock* kept_block;
  std::vector<const LabelBlock*> batch_blocks;  ///< those that touch batch axes

  int batch_axes() const { return view->rank() - 2; }
};

class Product {
 public:
  Product(Operation& operation, const Factor& a, const Factor& b)
      : operation_(operation), a_{a, nullptr, nullptr, {}}, b_{b, nullptr, nullptr, {}} {
    batch_ = std::max(a_.batch_axes(), b_.batch_axes());
  }

  bool follow(TensorView& out) {
    if (!set_dims(out)) return false;
    for (Side* side : {&a_, &b_}) prepare(*side);
    join_heads(out);
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
    for (const LabelBlock& block : side.view->blocks) {
      const bool summed = axis_position(block, side.summed) >= 0, kept = axis_position(block, side.kept) >= 0;
      if (summed && kept) {
        operation_.pin(block, "rows and columns of a factor of " + operation_.described() + " move together");
        continue;
      }
      if (block.axes.front() < side.batch_axes()) side.batch_blocks.push_back(&block);
      if (summed) side.summed_block = &block;
      if (kept) side.kept_block = &block;
    }
  }

  /// The batch axes of the output that a block covers.
  std::vector<int> covered(const Side& side, const LabelBlock& block) const {
    std::vector<int> axes;
    for (const int axis : block.axes) {
      if (axis < side.batch_axes()) axes.push_back(axis + batch_ - side.batch_axes());
    }
    return axes;
  }

  /// Elements at different places of the batch axes that blocks cover (heads) never meet: each such place is
  /// a hub, and the output's elements there move with it. Where an output of joint channels would not follow
  /// the hubs, the places are fixed.
  void join_heads(TensorView& out) {
    std::vector<int> axes;
    std::size_t labels = 0;
    for (const Side* side : {&a_, &b_}) {
      for (const LabelBlock* block : side->batch_blocks) {
        const auto own = covered(*side, *block);
        axes.insert(axes.end(), own.begin(), own.end());
        labels = std::max(labels, block->labels.size());
      }
    }
    if (axes.empty()) return;
    std::sort(axes.begin(), axes.end());
    axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
    std::vector<std::int64_t> sizes;
    for (const int axis : axes) sizes.push_back(batch_dims_[static_cast<std::size_t>(axis)]);
    const std::int64_t count = product(sizes);
    heads_ = count > 0 && count <= kMaxBlockLabels / static_cast<std::int64_t>(labels);
    int joint = 0;  // outputs' channels that span heads
    for (const Side* side : {&a_, &b_}) {
      for (const LabelBlock* block : side->batch_blocks) {
        if (block != side->kept_block) continue;
        heads_ = heads_ && ++joint < 2 && covered(*side, *block) == axes;
      }
    }
    if (!heads_) {
      fix_positions();
      return;
    }
    const int hubs = operation_.ties().add_hubs(count);
    for (const Side* side : {&a_, &b_}) join_side(*side, axes, sizes, hubs);
    if (joint > 0) return;
    LabelBlock block{axes, {}};
    for (int h = 0; h < static_cast<int>(count); ++h) block.labels.push_back({hubs + h, 0});
    out.blocks.push_back(std::move(block));
  }

  void fix_positions() const {
    for (const Side* side : {&a_, &b_}) {
      std::vector<int> batch(static_cast<std::size_t>(side->batch_axes()));
      std::iota(batch.begin(), batch.end(), 0);
      for (const LabelBlock* block : side->batch_blocks)
        operation_.mark_positions(*side->view, *block, side->port, batch);
    }
  }

  /// Joins a side's blocks to the hubs, which stay where the side has elements that do not move.
  void join_side(const Side& side, const std::vector<int>& axes, const std::vector<std::int64_t>& sizes,
                 int hubs) {
    const int shift = batch_ - side.batch_axes();
    std::vector<bool> labelled(axes.size(), false);
    for (const LabelBlock* block : side.batch_blocks) {
      // The axes of the hubs, then those of the block that are no batch axes.
      std::vector<std::int64_t> dims = sizes;
      std::vector<int> where;  // of the block's axes
      for (const int axis : block->axes) {
        if (axis < side.batch_axes()) {
          where.push_back(static_cast<int>(std::find(axes.begin(), axes.end(), axis + shift) - axes.begin()));
          labelled[static_cast<std::size_t>(where.back())] = true;
        } else {
          where.push_back(static_cast<int>(dims.size()));
          dims.push_back(side.view->dim(axis));
        }
      }
      std::vector<int> leading(axes.size());
      std::iota(leading.begin(), leading.end(), 0);
      for (IndexCounter counter(dims); !counter.done(); counter.next()) {
        const auto at = static_cast<std::size_t>(linear_index(counter.index(), dims, where));
        const auto hub = static_cast<int>(linear_index(counter.index(), dims, leading));
        operation_.ties().belong(block->labels[at], hubs + hub, operation_.index(), side.port);
      }
    }
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const int axis = axes[i] - shift;
      if (labelled[i] || axis < 0 || side.view->dim(axis) == 1 || side.view->uniform) continue;
      for (int h = 0; h < static_cast<int>(product(sizes)); ++h)
        operation_.ties().pin(hubs + h, operation_.reason_of(*side.view));
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
                            a_.port, b_.port, heads_ ? 0 : linear_index(counter.index(), sizes, leading));
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
  bool heads_ = false;  ///< places of batch axes are hubs
  Shape batch_dims_;
};

}  // namespace

bool follow_product(Operation& operation, const Factor& a, const Factor& b, TensorView& out) {
  return Product(operation, a, b).follow(out);
}

}  // namespace nmperm
