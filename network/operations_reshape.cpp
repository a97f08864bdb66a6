// Operations that give the same elements another shape.
#include <algorithm>
#include <numeric>

#include "network/index_maps.h"
#include "network/operation.h"

namespace nmperm {
namespace {

/// The shape that Reshape asks for; false where it does not follow from the file.
bool requested_shape(const Operation& operation, const TensorView& x, Shape& dims) {
  const auto wanted = operation.integers(1, "shape");
  if (!wanted) return false;
  const bool zero_is_zero = operation.node().integer("allowzero", 0) != 0;
  int open = -1;
  Shape rest = x.dims;  // of the old dimensions, those that are not taken over
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    std::int64_t dim = (*wanted)[i];
    if (dim == 0 && !zero_is_zero) {
      if (i >= x.dims.size()) return false;
      dim = x.dims[i];
      rest[i] = 1;
    } else if (dim == kUnknownElement) {
      dim = kUnknownDimension;
    } else if (dim == -1) {
      if (open >= 0) return false;
      open = static_cast<int>(i);
      dim = kUnknownDimension;
    } else if (dim < 0) {
      return false;
    }
    dims.push_back(dim);
  }
  // One open dimension follows from the number of elements that are not taken over, where that is known.
  if (open < 0) return true;
  Shape others;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    const bool taken_over = (*wanted)[i] == 0 && !zero_is_zero;
    if (!taken_over && static_cast<int>(i) != open) others.push_back(dims[i]);
  }
  const std::int64_t known = product(others), total = product(rest);
  if (total == kUnknownDimension || known <= 0) return true;
  if (total % known != 0) return false;
  dims[static_cast<std::size_t>(open)] = total / known;
  return true;
}

bool reshape_rule(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  Shape dims;
  if (!requested_shape(operation, operation.input(0), dims)) return false;
  const std::int64_t before = product(operation.input(0).dims), after = product(dims);
  if (before != kUnknownDimension && after != kUnknownDimension && before != after) return false;
  operation.output(0) = reshape(operation, operation.input(0), dims);
  return true;
}

bool flatten(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  const TensorView& x = operation.input(0);
  std::int64_t axis = operation.node().integer("axis", 1);
  if (axis < 0) axis += x.rank();
  if (axis < 0 || axis > x.rank()) return false;
  const Shape dims = {product({x.dims.begin(), x.dims.begin() + axis}),
                      product({x.dims.begin() + axis, x.dims.end()})};
  operation.output(0) = reshape(operation, x, dims);
  return true;
}

bool transpose_rule(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  const TensorView& x = operation.input(0);
  std::vector<int> order(x.dims.size());
  std::iota(order.rbegin(), order.rend(), 0);
  const auto given = operation.node().integer_list("perm");
  if (!given.empty()) {
    if (given.size() != order.size()) return false;
    std::transform(given.begin(), given.end(), order.begin(),
                   [](std::int64_t axis) { return static_cast<int>(axis); });
  }
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<int>(i)) return false;
  }
  operation.output(0) = transpose(x, order);
  return true;
}

bool squeeze(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  TensorView view = operation.input(0);
  std::vector<std::int64_t> axes;
  if (const auto given = operation.integers(1, "axes")) {
    axes = *given;
  } else {
    if (operation.has(1) || std::count(view.dims.begin(), view.dims.end(), kUnknownDimension) > 0)
      return false;
    for (int axis = 0; axis < view.rank(); ++axis) {
      if (view.dim(axis) == 1) axes.push_back(axis);
    }
  }
  for (std::int64_t& axis : axes) axis += axis < 0 ? view.rank() : 0;
  std::sort(axes.rbegin(), axes.rend());
  for (const std::int64_t axis : axes) {
    if (axis < 0 || axis >= view.rank() || view.block_of(static_cast<int>(axis)) != nullptr) return false;
    remove_axis(view, static_cast<int>(axis));
  }
  operation.output(0) = std::move(view);
  return true;
}

bool unsqueeze(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  TensorView view = operation.input(0);
  auto axes = operation.integers(1, "axes");
  if (!axes) return false;
  const auto rank = static_cast<std::int64_t>(view.dims.size() + axes->size());
  for (std::int64_t& axis : *axes) axis += axis < 0 ? rank : 0;
  std::sort(axes->begin(), axes->end());
  for (const std::int64_t axis : *axes) {
    if (axis < 0 || axis > view.rank()) return false;
    insert_axis(view, static_cast<int>(axis));
  }
  operation.output(0) = std::move(view);
  return true;
}

/// Dimensions of 1 become others; axes come in front.
bool expand(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || !operation.input(0).known_rank) return false;
  TensorView view = operation.input(0);
  const auto& wanted = operation.input(1).values;
  if (!wanted) return false;
  while (view.dims.size() < wanted->size()) insert_axis(view, 0);
  view.constant = -1;
  const std::size_t shift = view.dims.size() - wanted->size();
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    std::int64_t& dim = view.dims[i + shift];
    const std::int64_t target = (*wanted)[i];
    if (target == 1 || target == dim) continue;
    if (dim == 1) {
      dim = target == kUnknownElement ? kUnknownDimension : target;
    } else if (target != kUnknownElement && dim != kUnknownDimension) {
      return false;
    }
  }
  operation.output(0) = std::move(view);
  return true;
}

/// [N, C, H, W] to [N, C / b^2, H b, W b]: the b^2 channels of one output channel move together.
bool depth_to_space(Operation& operation) {
  if (!operation.has(0) || operation.input(0).rank() != 4) return false;
  const TensorView& x = operation.input(0);
  const std::int64_t b = operation.node().integer("blocksize", 0), area = b * b;
  const bool by_column = operation.node().text("mode", "DCR") == "CRD";
  if (b < 1 || b > 256 || x.dim(1) == kUnknownDimension || x.dim(1) % area != 0) return false;
  operation.pin_axes(x, {0, 2, 3}, "positions that " + operation.described() + " rearranges");
  TensorView& out = operation.output(0);
  out.known_rank = true;
  out.reason = x.reason;
  const auto grown = [&](std::int64_t dim) { return dim == kUnknownDimension ? dim : dim * b; };
  out.dims = {x.dim(0), x.dim(1) / area, grown(x.dim(2)), grown(x.dim(3))};
  const LabelBlock* const channels = x.single(1);
  if (channels == nullptr) return true;
  LabelBlock result{{1}, {}};
  const std::int64_t count = out.dim(1);
  for (std::int64_t c = 0; c < count; ++c) {
    const auto at = [&](std::int64_t place) {
      return channels->labels[static_cast<std::size_t>(by_column ? c * area + place : place * count + c)];
    };
    for (std::int64_t place = 1; place < area; ++place)
      operation.ties().tie(at(0), at(place), operation.index(), 0, 0, place);
    result.labels.push_back(at(0));
  }
  if (count > 1) out.blocks.push_back(std::move(result));
  return true;
}

/// [N, C, H, W] to [N, C b^2, H / b, W / b]: one channel becomes b^2.
bool space_to_depth(Operation& operation) {
  if (!operation.has(0) || operation.input(0).rank() != 4) return false;
  const TensorView& x = operation.input(0);
  const std::int64_t b = operation.node().integer("blocksize", 0);
  if (b < 1 || b > 256 || x.dim(1) == kUnknownDimension) return false;
  operation.pin_axes(x, {0, 2, 3}, "positions that " + operation.described() + " rearranges");
  TensorView& out = operation.output(0);
  out.known_rank = true;
  out.reason = x.reason;
  const auto shrunk = [&](std::int64_t dim) { return dim == kUnknownDimension ? dim : dim / b; };
  out.dims = {x.dim(0), x.dim(1) * b * b, shrunk(x.dim(2)), shrunk(x.dim(3))};
  const LabelBlock* const channels = x.single(1);
  if (channels == nullptr) return true;
  LabelBlock result{{1}, {}};
  for (std::int64_t place = 0; place < b * b; ++place) {
    for (Label label : channels->labels) {
      if (b > 1) label.slot = operation.ties().slot(label.slot, operation.index(), place);
      result.labels.push_back(label);
    }
  }
  out.blocks.push_back(std::move(result));
  return true;
}

}  // namespace

void add_reshape_operations(OperationTable& table) {
  table["Reshape"] = reshape_rule;
  table["Flatten"] = flatten;
  table["Transpose"] = transpose_rule;
  table["Squeeze"] = squeeze;
  table["Unsqueeze"] = unsqueeze;
  table["Expand"] = expand;
  table["DepthToSpace"] = depth_to_space;
  table["SpaceToDepth"] = space_to_depth;
}

}  // namespace nmperm
