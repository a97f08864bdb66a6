// Products of matrices: Gemm, and MatMul of weights and of activations (attention).
#include <algorithm>

#include "network/broadcast.h"
#include "network/operation.h"

namespace nmperm {
namespace {

/// A copy of a view whose dimensions 1 are put in at `axis`.
TensorView with_axis(TensorView view, int axis) {
  view.dims.insert(view.dims.begin() + axis, 1);
  for (LabelBlock& block : view.blocks) {
    for (int& a : block.axes) a += a >= axis ? 1 : 0;
  }
  view.constant = -1;
  return view;
}

/// Removes an axis of dimension 1.
void drop_axis(TensorView& view, int axis) {
  view.dims.erase(view.dims.begin() + axis);
  for (LabelBlock& block : view.blocks) {
    for (int& a : block.axes) a -= a > axis ? 1 : 0;
  }
}

/// One side of a product: which axis is summed over and which stays.
struct Side {
  const TensorView* view;
  int port, summed, kept;
  const LabelBlock* summed_block = nullptr;
  const LabelBlock* kept_block = nullptr;

  int batch_axes() const { return view->rank() - 2; }
};

/// A product over any number of leading (batch) axes that broadcast.
class Product {
 public:
  Product(Operation& operation, Side a, Side b) : operation_(operation), a_(a), b_(b) {
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

/// A two-dimensional factor that the file stores is a weight.
void add_factor(Operation& operation, const TensorView& view, int summed, int kept) {
  if (view.rank() != 2) return;
  operation.add_weight(view, summed, kept);
}

bool matmul(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || operation.output_count() != 1) return false;
  TensorView a = operation.input(0), b = operation.input(1);
  if (!a.known_rank || !b.known_rank || a.rank() < 1 || b.rank() < 1) return false;
  const bool row = a.rank() == 1, column = b.rank() == 1;
  if (row) a = with_axis(std::move(a), 0);
  if (column) b = with_axis(std::move(b), 1);
  TensorView& out = operation.output(0);
  Product product(operation, {&a, 0, a.rank() - 1, a.rank() - 2}, {&b, 1, b.rank() - 2, b.rank() - 1});
  if (!product.follow(out)) return false;
  add_factor(operation, b, 0, 1);
  add_factor(operation, a, 1, 0);
  if (column) drop_axis(out, out.rank() - 1);
  if (row) drop_axis(out, out.rank() - (column ? 1 : 2));
  return true;
}

bool gemm(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || operation.output_count() != 1) return false;
  operation.assume_rank(0, 2);
  const TensorView& a = operation.input(0);
  const TensorView& b = operation.input(1);
  if (!a.known_rank || !b.known_rank || a.rank() != 2 || b.rank() != 2) return false;
  const int summed_a = operation.node().integer("transA", 0) != 0 ? 0 : 1;
  const int summed_b = operation.node().integer("transB", 0) != 0 ? 1 : 0;
  TensorView product;
  if (!Product(operation, {&a, 0, summed_a, 1 - summed_a}, {&b, 1, summed_b, 1 - summed_b}).follow(product)) {
    return false;
  }
  add_factor(operation, b, summed_b, 1 - summed_b);
  add_factor(operation, a, summed_a, 1 - summed_a);
  if (!operation.has(2)) {
    operation.output(0) = std::move(product);
    return true;
  }
  const std::vector<Operand> operands = {{&product, 1}, {&operation.input(2), 2}};
  Shape dims;
  if (!broadcast_dims(operands, dims)) return false;
  combine(operation, operands, dims, operation.output(0));
  return true;
}

}  // namespace

void add_linear_operations(OperationTable& table) {
  table["MatMul"] = matmul;
  table["Gemm"] = gemm;
}

}  // namespace nmperm
