#include "network/operation.h"

#include <algorithm>

namespace nmperm {

Operation::Operation(const LayerGraph& graph, Coupling& coupling, int node,
                     std::vector<const TensorView*> inputs)
    : graph_(&graph),
      coupling_(&coupling),
      node_(&graph.nodes[static_cast<std::size_t>(node)]),
      index_(node),
      inputs_(std::move(inputs)),
      outputs_(node_->outputs.size()) {}

void Operation::assume_rank(int port, int rank) {
  if (!has(port) || input(port).known_rank) return;
  TensorView view = input(port);
  view.known_rank = true;
  view.dims.assign(static_cast<std::size_t>(rank), kUnknownDimension);
  inputs_[static_cast<std::size_t>(port)] = &(assumed_[port] = std::move(view));
}

bool Operation::has_output(int port) const {
  return port < static_cast<int>(node_->outputs.size()) &&
         node_->outputs[static_cast<std::size_t>(port)] >= 0;
}

std::string Operation::described() const {
  return node_->operation + " '" + node_->name + "'";
}

std::optional<std::vector<std::int64_t>> Operation::integers(int port, const std::string& attribute) const {
  if (node_->integer_lists.count(attribute) > 0) return node_->integer_list(attribute);
  if (!has(port)) return std::nullopt;
  return input(port).values;
}

void Operation::pin(const LabelBlock& block, const std::string& reason) const {
  for (const Label& label : block.labels) ties().pin(label.atom, reason);
}

void Operation::pin_all(const TensorView& view, const std::string& reason) const {
  for (const LabelBlock& block : view.blocks) pin(block, reason);
}

void Operation::pin_axes(const TensorView& view, const std::vector<int>& axes,
                         const std::string& reason) const {
  for (const LabelBlock& block : view.blocks) {
    const bool touches =
        std::any_of(axes.begin(), axes.end(), [&](int a) { return axis_position(block, a) >= 0; });
    if (touches) pin(block, reason);
  }
}

std::string Operation::reason_of(const TensorView& view) const {
  return view.reason.empty() ? "positions in an input of " + described() : view.reason;
}

void Operation::tie_all(std::span<const Label> a, std::span<const Label> b, int port_a, int port_b,
                        std::int64_t position) const {
  for (std::size_t i = 0; i < a.size(); ++i) ties().tie(a[i], b[i], index_, port_a, port_b, position);
}

void Operation::tie_axes(const LabelBlock* a, const TensorView& view_a, int port_a, const LabelBlock* b,
                         const TensorView& view_b, int port_b) const {
  if (a != nullptr && b != nullptr && a->labels.size() == b->labels.size()) {
    tie_all(a->labels, b->labels, port_a, port_b);
  } else if (a != nullptr) {
    pin(*a, reason_of(view_b));
    if (b != nullptr) pin(*b, reason_of(view_a));
  } else if (b != nullptr) {
    pin(*b, reason_of(view_a));
  }
}

void Operation::join_groups(std::span<const Label> labels, int port, int first_hub,
                            std::int64_t groups) const {
  const std::size_t size = labels.size() / static_cast<std::size_t>(groups);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ties().belong(labels[i], first_hub + static_cast<int>(i / size), index_, port);
  }
}

void Operation::mark_positions(const TensorView& view, const LabelBlock& block, int port,
                               const std::vector<int>& axes) const {
  std::vector<std::int64_t> dims;
  std::vector<int> which;
  for (std::size_t i = 0; i < block.axes.size(); ++i) {
    dims.push_back(view.dim(block.axes[i]));
    if (std::find(axes.begin(), axes.end(), block.axes[i]) != axes.end())
      which.push_back(static_cast<int>(i));
  }
  std::size_t at = 0;
  for (IndexCounter counter(dims); !counter.done(); counter.next(), ++at) {
    ties().mark(block.labels[at], index_, port, linear_index(counter.index(), dims, which));
  }
}

void Operation::mark_symmetric(const TensorView& view, int port, const std::vector<int>& axes) const {
  for (const LabelBlock& block : view.blocks) {
    std::vector<int> others;
    for (const int axis : block.axes) {
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) others.push_back(axis);
    }
    if (others.size() < block.axes.size()) mark_positions(view, block, port, others);
  }
}

void Operation::add_weight(const TensorView& weight, int input_axis, int output_axis) {
  const LabelBlock* const input_channels = weight.single(input_axis);
  const LabelBlock* const output_channels = weight.single(output_axis);
  const std::int64_t input_count = weight.dim(input_axis), output_count = weight.dim(output_axis);
  // The place whose atoms the block lists in order, or -1.
  const auto place_of = [&](const LabelBlock* block) {
    if (block == nullptr) return -1;
    const int index = coupling_->place_of(block->labels.front().atom);
    if (index < 0) return -1;
    const Place& place = coupling_->places[static_cast<std::size_t>(index)];
    if (place.atoms() != static_cast<std::int64_t>(block->labels.size())) return -1;
    for (std::size_t i = 0; i < block->labels.size(); ++i) {
      if (block->labels[i] != Label{place.first_atom + static_cast<int>(i), 0}) return -1;
    }
    return index;
  };
  int in = place_of(input_channels), out = place_of(output_channels);
  // An axis that is pinned (the rows of a table that is looked up too) has no labels; it is the constant's
  // other axis.
  const auto other_place = [&](int place, std::int64_t length) {
    const Place& known = coupling_->places[static_cast<std::size_t>(place)];
    for (std::size_t i = 0; i < coupling_->places.size(); ++i) {
      const Place& candidate = coupling_->places[i];
      const bool whole = candidate.outer_count == 1 && candidate.length == length;
      if (whole && candidate.constant == known.constant && candidate.axis != known.axis)
        return static_cast<int>(i);
    }
    return -1;
  };
  if (in < 0 && input_channels == nullptr && out >= 0) in = other_place(out, input_count);
  if (out < 0 && output_channels == nullptr && in >= 0) out = other_place(in, output_count);
  if ((in < 0 && input_count > 1) || (out < 0 && output_count > 1) || (in < 0 && out < 0)) return;
  const auto constant_of = [&](int place) {
    return coupling_->places[static_cast<std::size_t>(place)].constant;
  };
  if (in >= 0 && out >= 0 && constant_of(in) != constant_of(out)) return;
  // An activation may have the labels of the weight that made it.
  const int stored = constant_of(in >= 0 ? in : out);
  if (product(constant(stored).dims) != product(weight.dims)) return;
  add_weight(stored, in, input_count, out, output_count);
}

void Operation::add_weight(int constant, int input_place, std::int64_t input_count, int output_place,
                           std::int64_t output_count) {
  for (const PrunableWeight& weight : coupling_->weights) {
    if (weight.constant == constant) return;
  }
  coupling_->weights.push_back({constant, node_->name, input_place, output_place, input_count, output_count});
}

const OperationTable& operation_table() {
  static const OperationTable table = [] {
    OperationTable all;
    add_elementwise_operations(all);
    add_convolution_operations(all);
    add_linear_operations(all);
    add_einsum_operations(all);
    add_index_operations(all);
    add_reshape_operations(all);
    add_normalisation_operations(all);
    add_reduction_operations(all);
    add_recurrent_operations(all);
    add_resize_operations(all);
    return all;
  }();
  return table;
}

}  // namespace nmperm
