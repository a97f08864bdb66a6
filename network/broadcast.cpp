#include "network/broadcast.h"

#include <algorithm>
#include <numeric>

namespace nmperm {
namespace {

/// An operand's part in one group of axes of the output.
struct Part {
  const Operand* operand = nullptr;
  const LabelBlock* block = nullptr;  ///< its axes are those of the operand
  std::vector<int> labelled;          ///< positions in the group's axes that the block covers
  std::vector<int> fixed;             ///< positions where the operand has elements without labels of `block`
};

/// One group of output axes that blocks join.
class AxisGroup {
 public:
  AxisGroup(Operation& operation, const Shape& dims, std::vector<int> axes)
      : operation_(operation), rank_(static_cast<int>(dims.size())), axes_(std::move(axes)) {
    for (const int axis : axes_) sizes_.push_back(dims[static_cast<std::size_t>(axis)]);
  }

  void combine(const std::vector<Operand>& operands, TensorView& out) {
    std::vector<Part> parts;
    for (const Operand& operand : operands) parts.push_back(part_of(operand));
    const auto leads = [&](const Part& part) { return part.labelled.size() == axes_.size(); };
    const auto leader = std::find_if(parts.begin(), parts.end(), leads);
    if (leader == parts.end()) {
      for (const Part& part : parts) {
        if (part.block != nullptr)
          pin(part, "they are combined along different axes by " + operation_.described());
      }
      return;
    }
    for (const Part& part : parts) {
      if (&part != &*leader) tie(*leader, part);
    }
    out.blocks.push_back({axes_, leader->block->labels});
  }

 private:
  int shift(const Operand& operand) const { return rank_ - operand.view->rank(); }

  Part part_of(const Operand& operand) {
    Part part{&operand, nullptr, {}, {}};
    for (const LabelBlock& block : operand.view->blocks) {
      if (std::find(axes_.begin(), axes_.end(), block.axes.front() + shift(operand)) == axes_.end()) continue;
      if (part.block == nullptr || block.axes.size() >= part.block->axes.size()) {
        if (part.block != nullptr)
          pin(part, "they are combined with joint channels by " + operation_.described());
        part.block = &block;
      } else {
        operation_.pin(block, "they are combined with joint channels by " + operation_.described());
      }
    }
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      const int axis = axes_[i] - shift(operand);
      if (axis < 0 || operand.view->dim(axis) == 1 || operand.view->uniform) continue;  // broadcast
      const bool labelled = part.block != nullptr && axis_position(*part.block, axis) >= 0;
      (labelled ? part.labelled : part.fixed).push_back(static_cast<int>(i));
    }
    return part;
  }

  void pin(const Part& part, const std::string& reason) { operation_.pin(*part.block, reason); }

  void tie(const Part& leader, const Part& part) {
    if (part.block == nullptr && part.fixed.empty()) return;
    if (part.block == nullptr && part.fixed.size() == axes_.size()) {
      operation_.pin(*leader.block, operation_.reason_of(*part.operand->view));
      return;
    }
    std::vector<int> others;
    for (int i = 0; i < static_cast<int>(axes_.size()); ++i) {
      if (std::find(part.labelled.begin(), part.labelled.end(), i) == part.labelled.end())
        others.push_back(i);
    }
    std::size_t at = 0;
    for (IndexCounter counter(sizes_); !counter.done(); counter.next(), ++at) {
      const Label label = leader.block->labels[at];
      if (part.block == nullptr) {
        operation_.ties().mark(label, operation_.index(), part.operand->port,
                               linear_index(counter.index(), sizes_, part.fixed));
        continue;
      }
      const auto index = static_cast<std::size_t>(linear_index(counter.index(), sizes_, part.labelled));
      operation_.ties().tie(label, part.block->labels[index], operation_.index(), leader.operand->port,
                            part.operand->port, linear_index(counter.index(), sizes_, others));
    }
  }

  Operation& operation_;
  int rank_;
  std::vector<int> axes_;
  std::vector<std::int64_t> sizes_;
};

/// Groups of output axes that blocks of the operands join.
std::vector<std::vector<int>> axis_groups(const std::vector<Operand>& operands, int rank, int excluded_axis) {
  std::vector<int> group(static_cast<std::size_t>(rank));
  std::iota(group.begin(), group.end(), 0);
  std::vector<bool> labelled(group.size(), false), excluded(group.size(), false);
  const auto at = [](int axis) { return static_cast<std::size_t>(axis); };
  for (const Operand& operand : operands) {
    const int shift = rank - operand.view->rank();
    for (const LabelBlock& block : operand.view->blocks) {
      const int target = group[at(block.axes.front() + shift)];
      for (const int axis : block.axes) {
        labelled[at(axis + shift)] = true;
        const int old = group[at(axis + shift)];
        std::replace(group.begin(), group.end(), old, target);
      }
    }
  }
  std::vector<std::vector<int>> groups;
  for (int first = 0; first < rank; ++first) {
    std::vector<int> axes;
    for (int axis = 0; axis < rank; ++axis) {
      if (group[at(axis)] == first && labelled[at(axis)]) axes.push_back(axis);
    }
    const bool skipped = std::find(axes.begin(), axes.end(), excluded_axis) != axes.end();
    if (!axes.empty() && !skipped) groups.push_back(std::move(axes));
  }
  return groups;
}

}  // namespace

bool broadcast_dims(const std::vector<Operand>& operands, Shape& dims) {
  std::size_t rank = 0;
  for (const Operand& operand : operands) {
    if (!operand.view->known_rank) return false;
    rank = std::max(rank, operand.view->dims.size());
  }
  dims.assign(rank, 1);
  for (const Operand& operand : operands) {
    const std::size_t shift = rank - operand.view->dims.size();
    for (std::size_t i = 0; i < operand.view->dims.size(); ++i) {
      const std::int64_t dim = operand.view->dims[i];
      std::int64_t& out = dims[i + shift];
      if (dim == 1 || dim == out) continue;
      if (out == 1 || (out == kUnknownDimension && dim > 1)) {
        out = dim;
      } else if (dim != kUnknownDimension) {
        return false;
      }
    }
  }
  return true;
}

void combine(Operation& operation, const std::vector<Operand>& operands, const Shape& dims, TensorView& out,
             int excluded_axis) {
  out.known_rank = true;
  out.dims = dims;
  for (const Operand& operand : operands) {
    if (out.reason.empty()) out.reason = operand.view->reason;
  }
  for (std::vector<int>& axes : axis_groups(operands, static_cast<int>(dims.size()), excluded_axis)) {
    AxisGroup(operation, dims, std::move(axes)).combine(operands, out);
  }
}

}  // namespace nmperm
