// Operations that treat all elements of some axes alike and lose these axes: Reduce*.
#include <algorithm>
#include <numeric>

#include "network/index_maps.h"
#include "network/operation.h"

namespace nmperm {
namespace {

/// Axes of a reduction, ascending; false where they do not follow from the file.
bool reduced_axes(const Operation& operation, const TensorView& x, std::vector<int>& axes) {
  const auto given = operation.integers(1, "axes");
  if (!given && operation.has(1)) return false;
  if (!given || given->empty()) {
    if (operation.node().integer("noop_with_empty_axes", 0) != 0) return true;
    axes.resize(x.dims.size());
    std::iota(axes.begin(), axes.end(), 0);
    return true;
  }
  for (const std::int64_t axis : *given) {
    const std::int64_t positive = axis < 0 ? axis + x.rank() : axis;
    if (positive < 0 || positive >= x.rank()) return false;
    axes.push_back(static_cast<int>(positive));
  }
  std::sort(axes.begin(), axes.end());
  return std::adjacent_find(axes.begin(), axes.end()) == axes.end();
}

/// Removes the reduced axes; of a block that spans others too, these are fixed now.
TensorView without_axes(const TensorView& x, const std::vector<int>& axes, bool keep) {
  TensorView out = x;
  out.constant = -1;
  out.values.reset();
  std::erase_if(out.blocks, [&](const LabelBlock& block) {
    return std::any_of(axes.begin(), axes.end(), [&](int axis) { return axis_position(block, axis) >= 0; });
  });
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    out.dims[static_cast<std::size_t>(*axis)] = 1;
    if (!keep) remove_axis(out, *axis);
  }
  return out;
}

bool reduce(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank || operation.output_count() != 1) return false;
  const TensorView& x = operation.input(0);
  std::vector<int> axes;
  if (!reduced_axes(operation, x, axes)) return false;
  operation.mark_symmetric(x, 0, axes);
  operation.output(0) = without_axes(x, axes, operation.node().integer("keepdims", 1) != 0);
  return true;
}

/// The one axis that `axis` names; false where a block stands on it, whose order these operations tell.
bool free_axis(const Operation& operation, std::int64_t fallback, int& axis) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  std::int64_t given = operation.node().integer("axis", fallback);
  if (given < 0) given += operation.input(0).rank();
  if (given < 0 || given >= operation.input(0).rank()) return false;
  axis = static_cast<int>(given);
  return operation.input(0).block_of(axis) == nullptr;
}

bool arg_reduce(Operation& operation) {
  int axis = 0;
  if (!free_axis(operation, 0, axis)) return false;
  operation.output(0) =
      without_axes(operation.input(0), {axis}, operation.node().integer("keepdims", 1) != 0);
  return true;
}

bool top_k(Operation& operation) {
  int axis = 0;
  if (!free_axis(operation, -1, axis) || !operation.has(1)) return false;
  for (int port = 0; port < operation.output_count(); ++port) {
    TensorView& out = operation.output(port);
    out = operation.input(0);
    out.constant = -1;
    out.values.reset();
    const auto& count = operation.input(1).values;
    const bool known = count && count->size() == 1 && count->front() >= 0;
    out.dims[static_cast<std::size_t>(axis)] = known ? count->front() : kUnknownDimension;
  }
  return true;
}

}  // namespace

void add_reduction_operations(OperationTable& table) {
  for (const char* name : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
                           "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"}) {
    table[name] = reduce;
  }
  table["ArgMax"] = arg_reduce;
  table["ArgMin"] = arg_reduce;
  table["TopK"] = top_k;
}

}  // namespace nmperm
