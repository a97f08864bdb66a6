// Convolutions and pooling: channels on axis 1, positions on the axes after it.
#include <algorithm>

#include "network/operation.h"

namespace nmperm {
namespace {

std::vector<int> all_but(int axis, int rank) {
  std::vector<int> axes;
  for (int i = 0; i < rank; ++i) {
    if (i != axis) axes.push_back(i);
  }
  return axes;
}

/// Pins everything in a [N, C, ...] input but channels that stand on axis 1 alone; returns these, or null.
const LabelBlock* channels_of(Operation& operation, const TensorView& view) {
  const auto positions = all_but(1, view.rank());
  operation.pin_axes(view, positions,
                     "they share an axis with positions that " + operation.described() + " slides over");
  return view.single(1);
}

/// Output size of a window that slides over one axis.
struct Window {
  std::vector<std::int64_t> kernel, strides, dilations, pads, output_padding, output_shape;
  std::string auto_pad;
  bool ceil = false;

  Window(const GraphNode& node, std::size_t axes, std::vector<std::int64_t> kernel_shape)
      : kernel(std::move(kernel_shape)) {
    const auto list = [&](const char* key, std::size_t size, std::int64_t fallback) {
      auto values = node.integer_list(key);
      if (values.size() != size) values.assign(size, fallback);
      return values;
    };
    strides = list("strides", axes, 1);
    dilations = list("dilations", axes, 1);
    pads = list("pads", 2 * axes, 0);
    output_padding = list("output_padding", axes, 0);
    output_shape = node.integer_list("output_shape");
    auto_pad = node.text("auto_pad", "NOTSET");
    ceil = node.integer("ceil_mode", 0) != 0;
  }

  std::int64_t covered(std::size_t i) const { return (kernel[i] - 1) * dilations[i] + 1; }

  std::int64_t forward(std::size_t i, std::int64_t size) const {
    if (size == kUnknownDimension || strides[i] < 1) return kUnknownDimension;
    if (auto_pad.starts_with("SAME")) return (size + strides[i] - 1) / strides[i];
    const std::int64_t before = auto_pad == "VALID" ? 0 : pads[i];
    const std::int64_t room =
        size + before + (auto_pad == "VALID" ? 0 : pads[i + kernel.size()]) - covered(i);
    if (room < 0) return kUnknownDimension;
    const std::int64_t windows = room / strides[i] + 1;
    if (!ceil || room % strides[i] == 0) return windows;
    // Engines differ in whether a last window may begin in the padding.
    return windows * strides[i] >= size + before ? kUnknownDimension : windows + 1;
  }

  std::int64_t backward(std::size_t i, std::int64_t size) const {
    if (size == kUnknownDimension || auto_pad != "NOTSET" || !output_shape.empty()) return kUnknownDimension;
    return strides[i] * (size - 1) + output_padding[i] + covered(i) - pads[i] - pads[i + kernel.size()];
  }
};

void set_output(Operation& operation, std::int64_t channels, std::vector<Label> labels, bool transposed) {
  const TensorView& x = operation.input(0);
  const TensorView& w = operation.input(1);
  const auto axes = static_cast<std::size_t>(x.rank() - 2);
  const Window window(operation.node(), axes, {w.dims.begin() + 2, w.dims.end()});
  TensorView& out = operation.output(0);
  out.known_rank = true;
  out.dims = {x.dim(0), channels};
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t size = x.dims[i + 2];
    out.dims.push_back(transposed ? window.backward(i, size) : window.forward(i, size));
  }
  if (labels.size() > 1) {
    out.blocks.push_back({{1}, std::move(labels)});
  } else {
    out.reason = operation.reason_of(w);
  }
}

void tie_bias(Operation& operation, const std::vector<Label>& labels) {
  if (!operation.has(2) || labels.size() < 2) return;
  const LabelBlock channels{{0}, labels};
  operation.tie_axes(&channels, operation.input(2), 1, operation.input(2).single(0), operation.input(2), 2);
}

/// Labels of a place, block after block.
std::vector<Label> labels_of(const Place& place) {
  std::vector<Label> labels;
  for (std::int64_t i = 0; i < place.atoms(); ++i)
    labels.push_back({place.first_atom + static_cast<int>(i), 0});
  return labels;
}

/// The place of a constant's axis, or -1.
int find_place(const Operation& operation, int constant, int axis) {
  const auto& places = operation.coupling().places;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].constant == constant && places[i].axis == axis) return static_cast<int>(i);
  }
  return -1;
}

/// One group: every input channel reaches every output channel.
bool follow_dense(Operation& operation, int in_axis) {
  const TensorView& w = operation.input(1);
  const int out_axis = 1 - in_axis;
  for (int axis = 2; axis < w.rank(); ++axis) {
    operation.pin_axes(w, {axis}, "positions of the kernel of " + operation.described());
  }
  for (const int axis : {0, 1}) {
    if (w.single(axis) == nullptr)
      operation.pin_axes(w, {axis}, "joint axes of the weight of " + operation.described());
  }
  const LabelBlock* const x_channels = channels_of(operation, operation.input(0));
  operation.tie_axes(x_channels, operation.input(0), 0, w.single(in_axis), w, 1);
  const LabelBlock* const out = w.single(out_axis);
  if (out == nullptr && operation.has(2)) operation.pin_all(operation.input(2), operation.reason_of(w));
  std::vector<Label> labels = out != nullptr ? out->labels : std::vector<Label>{};
  operation.add_weight(w, in_axis, out_axis);
  tie_bias(operation, labels);
  set_output(operation, w.dim(out_axis), std::move(labels), in_axis == 0);
  return true;
}

/// Groups of a convolution whose weight is [outputs, inputs per group, ...]. Channels move inside their
/// group, whole groups trade places; with one input channel a group, that channel is the group.
bool follow_groups(Operation& operation, std::int64_t groups) {
  const TensorView& x = operation.input(0);
  const TensorView& w = operation.input(1);
  const int in_place = find_place(operation, w.constant, 1), out_place = find_place(operation, w.constant, 0);
  const std::int64_t outputs = w.dim(0), inputs = w.dim(1);
  if (out_place < 0 || (inputs > 1 && in_place < 0)) return false;
  const auto& places = operation.coupling().places;
  const std::vector<Label> out = labels_of(places[static_cast<std::size_t>(out_place)]);
  const LabelBlock* const channels = channels_of(operation, x);
  const std::int64_t per_group = outputs / groups;
  ChannelTies& ties = operation.ties();
  if (inputs > 1) {
    const LabelBlock in{{1}, labels_of(places[static_cast<std::size_t>(in_place)])};
    operation.tie_axes(channels, x, 0, &in, w, 1);
    const int hubs = ties.add_hubs(groups);
    operation.join_groups(in.labels, 0, hubs, groups);
    operation.join_groups(out, 1, hubs, groups);
  } else if (channels == nullptr) {
    operation.pin({{0}, out}, operation.reason_of(x));
  } else {
    for (std::size_t o = 0; o < out.size(); ++o) {
      const auto group = static_cast<std::int64_t>(o) / per_group;
      ties.tie(channels->labels[static_cast<std::size_t>(group)], out[o], operation.index(), 0, 1,
               static_cast<std::int64_t>(o) % per_group);
    }
  }
  operation.add_weight(w.constant, in_place, inputs, out_place, outputs);
  tie_bias(operation, out);
  set_output(operation, outputs, out, false);
  return true;
}

/// Groups of a transposed convolution, whose weight is [inputs, outputs per group, ...].
bool follow_transposed_groups(Operation& operation, std::int64_t groups) {
  const TensorView& x = operation.input(0);
  const TensorView& w = operation.input(1);
  const int in_place = find_place(operation, w.constant, 0), out_place = find_place(operation, w.constant, 1);
  const std::int64_t inputs = w.dim(0), outputs = w.dim(1) * groups;
  if (in_place < 0 || (w.dim(1) > 1 && out_place < 0)) return false;
  const auto& places = operation.coupling().places;
  const LabelBlock in{{0}, labels_of(places[static_cast<std::size_t>(in_place)])};
  operation.tie_axes(channels_of(operation, x), x, 0, &in, w, 1);
  const std::int64_t per_group = inputs / groups;
  std::vector<Label> out;
  if (per_group == 1 && w.dim(1) == 1) {
    out = in.labels;
  } else {
    const int hubs = operation.ties().add_hubs(groups);
    operation.join_groups(in.labels, 0, hubs, groups);
    if (w.dim(1) > 1) {
      out = labels_of(places[static_cast<std::size_t>(out_place)]);
      operation.join_groups(out, 1, hubs, groups);
    } else {
      for (int g = 0; g < static_cast<int>(groups); ++g) out.push_back({hubs + g, 0});
    }
  }
  operation.add_weight(w.constant, in_place, per_group, out_place, outputs);
  tie_bias(operation, out);
  set_output(operation, outputs, std::move(out), true);
  return true;
}

bool convolution(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || operation.output_count() != 1) return false;
  operation.assume_rank(0, operation.input(1).rank());
  const TensorView& x = operation.input(0);
  const TensorView& w = operation.input(1);
  const std::int64_t groups = operation.node().integer("group", 1);
  if (!x.known_rank || !w.known_rank || x.rank() != w.rank() || x.rank() < 3 || groups < 1) return false;
  const bool transposed = operation.node().operation == "ConvTranspose";
  const std::int64_t inputs = transposed ? w.dim(0) : w.dim(1) * groups;
  if (product(w.dims) < 1 || (x.dim(1) != inputs && x.dim(1) != kUnknownDimension)) return false;
  if (groups == 1) return follow_dense(operation, transposed ? 0 : 1);
  if (w.dim(0) % groups != 0 || w.constant < 0 || !w.blocks.empty()) return false;
  return transposed ? follow_transposed_groups(operation, groups) : follow_groups(operation, groups);
}

bool pool(Operation& operation) {
  if (!operation.has(0) || operation.output_count() != 1) return false;
  const TensorView& x = operation.input(0);
  if (!x.known_rank || x.rank() < 3) return false;
  const LabelBlock* const channels = channels_of(operation, x);
  const auto axes = static_cast<std::size_t>(x.rank() - 2);
  TensorView& out = operation.output(0);
  out.known_rank = true;
  out.reason = x.reason;
  out.dims = {x.dim(0), x.dim(1)};
  const auto kernel = operation.node().integer_list("kernel_shape");
  const bool global = operation.node().operation.starts_with("Global");
  if (!global && kernel.size() != axes) return false;
  for (std::size_t i = 0; i < axes; ++i) {
    out.dims.push_back(global ? 1 : Window(operation.node(), axes, kernel).forward(i, x.dims[i + 2]));
  }
  if (channels != nullptr) out.blocks.push_back(*channels);
  return true;
}

/// Each channel by itself, whatever happens to the positions after it: their sizes are open here.
bool per_channel(Operation& operation) {
  if (!operation.has(0) || operation.output_count() != 1 || operation.input(0).rank() < 3) return false;
  const TensorView& x = operation.input(0);
  const LabelBlock* const channels = channels_of(operation, x);
  TensorView& out = operation.output(0);
  out.known_rank = true;
  out.reason = x.reason;
  out.dims.assign(x.dims.size(), kUnknownDimension);
  out.dims[0] = x.dim(0);
  out.dims[1] = x.dim(1);
  if (channels != nullptr) out.blocks.push_back(*channels);
  return true;
}

/// Positions of an image that are picked by other inputs, channel by channel: RoiAlign and MaxRoiPool, whose
/// parts have a size of their own, and GridSample.
bool sample(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || operation.output_count() != 1) return false;
  const TensorView& x = operation.input(0);
  const TensorView& where = operation.input(1);
  if (!x.known_rank || x.rank() < 3 || !where.known_rank) return false;
  for (int port = 1; port < operation.input_count(); ++port) {
    if (operation.has(port))
      operation.pin_all(operation.input(port), "positions that " + operation.described() + " reads");
  }
  TensorView& out = operation.output(0);
  out.known_rank = true;
  out.reason = x.reason;
  const GraphNode& node = operation.node();
  if (node.operation == "GridSample") {
    if (where.rank() != x.rank()) return false;
    out.dims.assign(where.dims.begin(), where.dims.end() - 1);
    out.dims.insert(out.dims.begin() + 1, x.dim(1));
  } else {
    auto sizes = node.integer_list("pooled_shape");
    if (sizes.empty()) sizes = {node.integer("output_height", 1), node.integer("output_width", 1)};
    if (x.rank() != 4 || where.rank() != 2 || sizes.size() != 2) return false;
    out.dims = {where.dim(0), x.dim(1), sizes[0], sizes[1]};
  }
  const LabelBlock* const channels = channels_of(operation, x);
  if (channels != nullptr) out.blocks.push_back(*channels);
  return true;
}

/// Whether `reader` permutes this constant as the weight of a grouped convolution; then in which blocks.
bool grouped_places(const LayerGraph& graph, const GraphNode& reader, int port, int constant,
                    std::vector<Place>& places) {
  const bool transposed = reader.operation == "ConvTranspose";
  const std::int64_t groups = reader.integer("group", 1);
  if ((reader.operation != "Conv" && !transposed) || port != 1 || groups < 2) return false;
  const Shape& dims = graph.constants[static_cast<std::size_t>(constant)].dims;
  if (dims.size() < 3 || dims[0] % groups != 0 || dims[0] == 0) return false;
  Place first, second;
  first.axis = 0;
  first.length = dims[0];
  second.axis = 1;
  second.length = dims[1];
  second.outer_axis = 0;
  second.outer_count = groups;
  second.outer_block = dims[0] / groups;
  second.blocks_alike = true;
  places.clear();
  if (dims[0] > 1) places.push_back(first);
  if (dims[1] > 1) places.push_back(second);
  return true;
}

}  // namespace

bool convolution_places(const LayerGraph& graph, const GraphNode& reader, int port, int constant,
                        std::vector<Place>& places) {
  return grouped_places(graph, reader, port, constant, places);
}

void add_convolution_operations(OperationTable& table) {
  table["Conv"] = convolution;
  table["ConvTranspose"] = convolution;
  for (const char* name :
       {"AveragePool", "MaxPool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"}) {
    table[name] = pool;
  }
  for (const char* name : {"RoiAlign", "MaxRoiPool", "GridSample"}) table[name] = sample;
  table["torch::per_channel"] = per_channel;
}

}  // namespace nmperm
