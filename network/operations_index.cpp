// Operations that pick or join elements along an axis: Concat, Split, Slice, Gather, Pad, Tile.
#include <algorithm>
#include <map>
#include <numeric>

#include "network/broadcast.h"
#include "network/index_maps.h"
#include "network/operation.h"

namespace nmperm {
namespace {

using Integers = std::vector<std::int64_t>;

/// Joins the blocks that stand on the concatenated axis. Parts without labels there get atoms that are
/// pinned.
bool join(Operation& operation, int axis, TensorView& out) {
  std::vector<int> axes;  // of the joint block
  for (int port = 0; port < operation.input_count(); ++port) {
    const LabelBlock* const block = operation.input(port).block_of(axis);
    if (block == nullptr) continue;
    if (axes.empty()) axes = block->axes;
    if (axes != block->axes) return false;
  }
  if (axes.empty()) return true;
  LabelBlock joint{axes, {}};
  const int position = axis_position(joint, axis);
  std::int64_t before = 1, after = 1;  // indices of the block's axes before and after this one
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t dim = out.dim(axes[i]);
    if (dim == kUnknownDimension) return false;
    if (static_cast<int>(i) < position) before *= dim;
    if (static_cast<int>(i) > position) after *= dim;
  }
  if (const auto count = product({before, out.dim(axis), after}); count < 0 || count > kMaxBlockLabels)
    return false;
  joint.labels.resize(static_cast<std::size_t>(before * out.dim(axis) * after));
  std::map<std::pair<int, int>, int> seen;  // how many parts hold this label already
  std::int64_t start = 0;
  for (int port = 0; port < operation.input_count(); ++port) {
    const TensorView& part = operation.input(port);
    const std::int64_t size = part.dim(axis);
    const LabelBlock* const block = part.block_of(axis);
    if (size == 0) continue;
    // A part of one element has no labels although its channels may be tied elsewhere: it is a place of its
    // own.
    const int fixed =
        block == nullptr ? operation.ties().add_atoms(ChannelTies::kNoPlace, before * size * after) : 0;
    std::vector<Label> own;
    for (std::int64_t b = 0; b < before; ++b) {
      for (std::int64_t i = 0; i < size * after; ++i) {
        const std::int64_t from = b * size * after + i;
        Label label = block != nullptr ? block->labels[static_cast<std::size_t>(from)]
                                       : Label{fixed + static_cast<int>(from), 0};
        if (block == nullptr) operation.ties().pin(label.atom, operation.reason_of(part));
        own.push_back(label);
        const auto found = seen.find({label.atom, label.slot});
        if (found != seen.end()) label.slot = operation.ties().slot(label.slot, operation.index(), port);
        joint.labels[static_cast<std::size_t>((b * out.dim(axis) + start) * after + i)] = label;
      }
    }
    for (const Label& label : own) ++seen[{label.atom, label.slot}];
    start += size;
  }
  out.blocks.push_back(std::move(joint));
  return true;
}

bool concat(Operation& operation) {
  if (operation.input_count() == 0) return false;
  for (int port = 0; port < operation.input_count(); ++port) {
    if (!operation.has(port) || !operation.input(port).known_rank) return false;
    if (operation.input(port).rank() != operation.input(0).rank()) return false;
  }
  const int rank = operation.input(0).rank();
  std::int64_t axis = operation.node().integer("axis", 0);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return false;
  const auto at = static_cast<std::size_t>(axis);
  // All other axes are equal: they are combined as elementwise operations do.
  std::vector<TensorView> parts;
  std::int64_t size = 0;
  for (int port = 0; port < operation.input_count(); ++port) {
    TensorView part = operation.input(port);
    size = size == kUnknownDimension || part.dims[at] == kUnknownDimension ? kUnknownDimension
                                                                           : size + part.dims[at];
    std::erase_if(part.blocks,
                  [&](const LabelBlock& b) { return axis_position(b, static_cast<int>(axis)) >= 0; });
    part.dims[at] = 1;
    parts.push_back(std::move(part));
  }
  std::vector<Operand> operands;
  for (std::size_t i = 0; i < parts.size(); ++i) operands.push_back({&parts[i], static_cast<int>(i)});
  Shape dims;
  if (!broadcast_dims(operands, dims)) return false;
  TensorView& out = operation.output(0);
  combine(operation, operands, dims, out);
  out.dims[at] = size;
  return join(operation, static_cast<int>(axis), out);
}

bool split(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  const TensorView& x = operation.input(0);
  std::int64_t axis = operation.node().integer("axis", 0);
  if (axis < 0) axis += x.rank();
  if (axis < 0 || axis >= x.rank()) return false;
  const std::int64_t size = x.dim(static_cast<int>(axis));
  const auto count = static_cast<std::int64_t>(operation.output_count());
  Integers sizes;
  if (const auto given = operation.integers(1, "split")) {
    sizes = *given;
  } else if (operation.has(1) || size == kUnknownDimension) {
    return false;
  } else {
    const std::int64_t each = (size + count - 1) / count;
    for (std::int64_t i = 0; i < count; ++i) sizes.push_back(std::min(each, size - i * each));
  }
  std::int64_t start = 0;
  if (static_cast<std::int64_t>(sizes.size()) != count) return false;
  for (const std::int64_t part : sizes) {
    if (part < 0 || part > kMaxBlockLabels) return false;
    start += part;
  }
  if (size != kUnknownDimension && start != size) return false;
  start = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Integers indices(static_cast<std::size_t>(sizes[i]));
    std::iota(indices.begin(), indices.end(), start);
    operation.output(static_cast<int>(i)) = select(operation, x, static_cast<int>(axis), indices);
    start += sizes[i];
  }
  return true;
}

/// starts, ends, axes, steps of Slice: attributes up to opset 9, inputs since.
bool slice(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  TensorView view = operation.input(0);
  const auto starts = operation.integers(1, "starts"), ends = operation.integers(2, "ends");
  auto axes = operation.integers(3, "axes"), steps = operation.integers(4, "steps");
  if (!starts || !ends || starts->size() != ends->size()) return false;
  if (!axes) {
    if (operation.has(3)) return false;
    axes.emplace(starts->size());
    std::iota(axes->begin(), axes->end(), 0);
  }
  if (!steps) {
    if (operation.has(4)) return false;
    steps = Integers(starts->size(), 1);
  }
  if (axes->size() != starts->size() || steps->size() != starts->size()) return false;
  for (std::size_t i = 0; i < starts->size(); ++i) {
    const std::int64_t axis = (*axes)[i] < 0 ? (*axes)[i] + view.rank() : (*axes)[i];
    if (axis < 0 || axis >= view.rank()) return false;
    const std::int64_t size = view.dim(static_cast<int>(axis)), step = (*steps)[i];
    const std::int64_t start = (*starts)[i], end = (*ends)[i];
    if (size == kUnknownDimension) {
      const bool all = start == 0 && step == 1 && end >= INT32_MAX;
      if (view.block_of(static_cast<int>(axis)) != nullptr) return false;
      if (!all) view.dims[static_cast<std::size_t>(axis)] = kUnknownDimension;
      continue;
    }
    if (step == 0 || start == kUnknownElement || end == kUnknownElement || size > kMaxBlockLabels)
      return false;
    const auto clamp = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
      return std::clamp(at < 0 ? at + size : at, low, high);
    };
    Integers indices;
    if (step > 0) {
      for (std::int64_t at = clamp(start, 0, size), stop = clamp(end, 0, size); at < stop;
           at += std::min(step, size)) {
        indices.push_back(at);
      }
    } else {
      const std::int64_t stop = end < -size ? -1 : clamp(end, -1, size - 1);
      for (std::int64_t at = clamp(start, 0, size - 1); at > stop; at += std::max(step, -size))
        indices.push_back(at);
    }
    view = select(operation, view, static_cast<int>(axis), indices);
  }
  operation.output(0) = std::move(view);
  return true;
}

/// Rows of a table by indices that are computed: rows are fixed, the columns are channels.
bool look_up(Operation& operation, int axis) {
  const TensorView& data = operation.input(0);
  const TensorView& indices = operation.input(1);
  if (!indices.known_rank || !indices.blocks.empty()) return false;
  operation.pin_axes(data, {axis}, operation.described() + " picks them by computed indices");
  TensorView& out = operation.output(0);
  out.known_rank = true;
  out.reason = data.reason;
  out.dims.assign(data.dims.begin(), data.dims.begin() + axis);
  out.dims.insert(out.dims.end(), indices.dims.begin(), indices.dims.end());
  out.dims.insert(out.dims.end(), data.dims.begin() + axis + 1, data.dims.end());
  for (LabelBlock block : data.blocks) {
    if (axis_position(block, axis) >= 0) continue;
    for (int& a : block.axes) a += a > axis ? indices.rank() - 1 : 0;
    out.blocks.push_back(std::move(block));
  }
  return true;
}

bool gather(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || !operation.input(0).known_rank) return false;
  const TensorView& data = operation.input(0);
  std::int64_t axis = operation.node().integer("axis", 0);
  if (axis < 0) axis += data.rank();
  if (axis < 0 || axis >= data.rank()) return false;
  const int at = static_cast<int>(axis);
  const TensorView& indices = operation.input(1);
  const std::int64_t size = data.dim(at);
  const bool known = indices.values && size != kUnknownDimension && indices.known_rank && indices.rank() <= 1;
  if (!known) return look_up(operation, at);
  Integers picked = *indices.values;
  for (std::int64_t& index : picked) {
    if (index == kUnknownElement) return look_up(operation, at);
    if (index < 0) index += size;
    if (index < 0 || index >= size) return false;
  }
  TensorView out = select(operation, data, at, picked);
  if (indices.rank() == 0) remove_axis(out, at);
  operation.output(0) = std::move(out);
  return true;
}

bool pad(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  TensorView view = operation.input(0);
  const auto pads = operation.integers(1, "pads");
  const auto rank = static_cast<std::size_t>(view.rank());
  if (!pads || operation.has(3) || pads->size() != 2 * rank) return false;  // port 3: axes
  const std::string mode = operation.node().text("mode", "constant");
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t before = (*pads)[axis], after = (*pads)[axis + rank];
    if (before == 0 && after == 0) continue;
    if (before == kUnknownElement || after == kUnknownElement) return false;
    const LabelBlock* const block = view.block_of(static_cast<int>(axis));
    const std::int64_t size = view.dims[axis];
    const std::int64_t grown = size == kUnknownDimension ? size : size + before + after;
    if (block == nullptr) {
      view.dims[axis] = grown;
      continue;
    }
    if (mode != "constant" || block->axes.size() != 1 || before < 0 || after < 0) return false;
    if (before + after > kMaxBlockLabels) return false;
    // All added channels are equal, so they may trade places among each other.
    LabelBlock padded{block->axes, {}};
    const int atoms = operation.ties().add_atoms(ChannelTies::kNoPlace, before + after);
    for (int i = 0; i < static_cast<int>(before + after); ++i) {
      if (i == static_cast<int>(before)) {
        padded.labels.insert(padded.labels.end(), block->labels.begin(), block->labels.end());
      }
      padded.labels.push_back({atoms + i, 0});
      operation.ties().mark(padded.labels.back(), operation.index(), 0);
    }
    if (after == 0) padded.labels.insert(padded.labels.end(), block->labels.begin(), block->labels.end());
    *view.block_of(static_cast<int>(axis)) = std::move(padded);
    view.dims[axis] = grown;
  }
  view.constant = -1;
  view.uniform = false;
  view.values.reset();
  operation.output(0) = std::move(view);
  return true;
}

bool tile(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || !operation.input(0).known_rank) return false;
  TensorView view = operation.input(0);
  const auto& repeats = operation.input(1).values;
  if (!repeats || repeats->size() != view.dims.size()) return false;
  for (int axis = 0; axis < view.rank(); ++axis) {
    const std::int64_t count = (*repeats)[static_cast<std::size_t>(axis)], size = view.dim(axis);
    if (count == 1) continue;
    if (count < 0 || count > 4096) return false;
    if (size == kUnknownDimension) continue;
    if (count * size > kMaxBlockLabels) return false;
    Integers indices;
    for (std::int64_t i = 0; i < count * size; ++i) indices.push_back(i % size);
    view = select(operation, view, axis, indices);
  }
  operation.output(0) = std::move(view);
  return true;
}

}  // namespace

void add_index_operations(OperationTable& table) {
  table["Concat"] = concat;
  table["Split"] = split;
  table["Slice"] = slice;
  table["Gather"] = gather;
  table["Pad"] = pad;
  table["Tile"] = tile;
}

}  // namespace nmperm
