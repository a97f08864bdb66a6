// Operations that change the sizes of positions, and those that only look at shapes.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "network/operation.h"

namespace nmperm {
namespace {

/// The axes that Resize is told of, in its order: all of them, or since opset 18 those that it names; false
/// where one is none or is named twice.
bool resized_axes(const Operation& operation, int rank, std::vector<int>& axes) {
  if (operation.node().integer_lists.count("axes") == 0) {
    axes.resize(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
    return true;
  }
  for (std::int64_t axis : operation.node().integer_list("axes")) {
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank || std::ranges::find(axes, axis) != axes.end()) return false;
    axes.push_back(static_cast<int>(axis));
  }
  return true;
}

/// The sizes of axes without labels change; channels must keep theirs, so their scale or size must be known.
bool resize(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank || operation.input(0).rank() < 3) return false;
  const TensorView& x = operation.input(0);
  std::vector<int> axes;
  if (!resized_axes(operation, x.rank(), axes)) return false;
  for (int port = 1; port < operation.input_count(); ++port) {
    if (operation.has(port))
      operation.pin_all(operation.input(port), "numbers that " + operation.described() + " reads");
  }
  const bool old = operation.node().operation == "Upsample" || operation.opset() < 11;
  const int scales_port = old ? 1 : 2;
  TensorView out = x;
  out.constant = -1;
  std::vector<double> scales;
  if (operation.has(scales_port) && operation.input(scales_port).constant >= 0) {
    scales = operation.constant(operation.input(scales_port).constant).reals;
  }
  const bool by_sizes = !old && operation.has(3);
  if (by_sizes ? !operation.input(3).values || operation.input(3).values->size() != axes.size()
               : scales.size() != axes.size()) {
    return false;
  }
  // A crop may move channels that keep their number; a kept aspect ratio changes the sizes that are asked
  // for.
  const bool crops = operation.node().text("coordinate_transformation_mode", "") == "tf_crop_and_resize";
  const bool fits = operation.node().text("keep_aspect_ratio_policy", "stretch") != "stretch";
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const bool channels = x.block_of(axes[i]) != nullptr;
    std::int64_t& dim = out.dims[static_cast<std::size_t>(axes[i])];
    if (channels && (crops || fits)) return false;
    if (by_sizes) {
      const std::int64_t size = (*operation.input(3).values)[i];
      dim = size == kUnknownElement || fits ? kUnknownDimension : size;
    } else if (scales[i] != 1 && channels) {
      return false;  // neighbouring channels would be mixed, even where their number stays
    } else if (dim != kUnknownDimension) {
      const double scaled = std::floor(static_cast<double>(dim) * scales[i]);
      const bool followed = scaled >= 0 && scaled <= static_cast<double>(kMaxFollowedInteger) && !crops;
      dim = followed ? static_cast<std::int64_t>(scaled) : kUnknownDimension;
    }
    if (channels && dim != x.dim(axes[i])) return false;
  }
  operation.output(0) = std::move(out);
  return true;
}

bool shape(Operation& operation) {
  TensorView& out = operation.output(0);
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  const std::int64_t rank = operation.input(0).rank();
  std::int64_t start = operation.node().integer("start", 0), end = operation.node().integer("end", rank);
  start = std::clamp<std::int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<std::int64_t>(end < 0 ? end + rank : end, start, rank);
  out.known_rank = true;
  out.dims = {end - start};
  return true;
}

/// The number of elements.
bool size(Operation& operation) {
  if (!operation.has(0)) return false;
  operation.output(0).known_rank = true;
  return true;
}

/// A tensor of one value, of a shape that may be open.
bool constant_of_shape(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank || operation.input(0).rank() != 1) return false;
  const std::int64_t rank = operation.input(0).dim(0);
  if (rank < 0 || rank > 16) return false;
  TensorView& out = operation.output(0);
  out.known_rank = out.uniform = true;
  out.reason = "elements of a constant";
  out.dims.assign(static_cast<std::size_t>(rank), kUnknownDimension);
  if (const auto& values = operation.input(0).values) {
    for (std::size_t i = 0; i < out.dims.size(); ++i) {
      if ((*values)[i] != kUnknownElement) out.dims[i] = (*values)[i];
    }
  }
  return true;
}

/// Numbers in arithmetic progression, as positions are made; how many may be open.
bool range(Operation& operation) {
  std::array<std::int64_t, 3> bounds{};
  bool known = true;
  for (int port = 0; port < 3; ++port) {
    if (!operation.has(port)) return false;
    const auto& values = operation.input(port).values;
    const bool one = values && values->size() == 1 && values->front() != kUnknownElement;
    if (one) bounds[static_cast<std::size_t>(port)] = values->front();
    known = known && one;
  }
  const auto [start, limit, delta] = bounds;
  TensorView& out = operation.output(0);
  out.known_rank = true;
  out.reason = "numbers that " + operation.described() + " makes";
  out.dims = {kUnknownDimension};
  if (!known) return true;
  if (delta == 0) return false;
  const std::int64_t steps = (limit - start) / delta, rest = (limit - start) % delta;
  out.dims = {std::max<std::int64_t>(0, steps + (rest != 0 && (limit > start) == (delta > 0) ? 1 : 0))};
  return true;
}

bool constant_node(Operation& operation) {
  TensorView& out = operation.output(0);
  const GraphNode& node = operation.node();
  if (node.has("value_int") || node.has("value_float")) {
    out.known_rank = true;
  } else if (node.integer_lists.count("value_ints") > 0) {
    out.known_rank = true;
    out.dims = {static_cast<std::int64_t>(node.integer_list("value_ints").size())};
  } else {
    return false;
  }
  return true;
}

}  // namespace

void add_resize_operations(OperationTable& table) {
  table["Resize"] = resize;
  table["Upsample"] = resize;
  table["Range"] = range;
  table["Shape"] = shape;
  table["Size"] = size;
  table["Constant"] = constant_node;
  table["ConstantOfShape"] = constant_of_shape;
}

}  // namespace nmperm
