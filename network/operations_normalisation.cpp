// Normalisations: statistics over some axes, a scale and a shift for each channel.
#include <algorithm>

#include "network/broadcast.h"
#include "network/operation.h"

namespace nmperm {
namespace {

/// Ties the channels on axis 1 to vectors of as many elements.
void tie_vectors(Operation& operation, int first_port) {
  const TensorView& x = operation.input(0);
  for (int port = first_port; port < operation.input_count(); ++port) {
    if (!operation.has(port)) continue;
    const TensorView& vector = operation.input(port);
    const LabelBlock* const channels = x.block_of(1);
    const LabelBlock* const own = channels != nullptr && channels->axes.size() > 1 ? nullptr : channels;
    if (channels != own)
      operation.pin(*channels, "they share an axis with positions in " + operation.described());
    if (vector.rank() != 1) {
      operation.pin_all(vector, "one for each position in " + operation.described());
    }
    operation.tie_axes(own, x, 0, vector.rank() == 1 ? vector.single(0) : nullptr, vector, port);
  }
}

bool first_output_only(const Operation& operation) {
  for (int port = 1; port < operation.output_count(); ++port) {
    if (operation.has_output(port)) return false;
  }
  return true;
}

void pass_first(Operation& operation) {
  operation.output(0) = operation.input(0);
  operation.output(0).constant = -1;
  operation.output(0).uniform = false;
}

bool batch_normalisation(Operation& operation) {
  if (!operation.has(0) || operation.input(0).rank() < 2 || !first_output_only(operation)) return false;
  if (operation.node().integer("training_mode", 0) != 0) return false;
  tie_vectors(operation, 1);
  pass_first(operation);
  return true;
}

/// Statistics over the positions of each channel.
bool instance_normalisation(Operation& operation) {
  if (!operation.has(0) || operation.input(0).rank() < 3) return false;
  const TensorView& x = operation.input(0);
  for (int axis = 2; axis < x.rank(); ++axis) operation.mark_symmetric(x, 0, {axis});
  tie_vectors(operation, 1);
  pass_first(operation);
  return true;
}

/// Statistics over groups of consecutive channels, which must not be left; whole groups trade places, with
/// the scale and shift of each group where there is one for each.
bool group_normalisation(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || operation.input(0).rank() < 3) return false;
  const TensorView& x = operation.input(0);
  const std::int64_t groups = operation.node().integer("num_groups", 0);
  const LabelBlock* const channels = x.single(1);
  if (groups < 1 || channels == nullptr || x.dim(1) % groups != 0) return false;
  const int hubs = operation.ties().add_hubs(groups);
  operation.join_groups(channels->labels, 0, hubs, groups);
  for (int axis = 2; axis < x.rank(); ++axis) {
    operation.pin_axes(x, {axis}, "positions that " + operation.described() + " averages over");
  }
  const bool per_channel = operation.input(1).rank() == 1 && operation.input(1).dim(0) == x.dim(1);
  if (per_channel) {
    tie_vectors(operation, 1);
  } else {
    LabelBlock of_groups{{0}, {}};
    for (int g = 0; g < static_cast<int>(groups); ++g) of_groups.labels.push_back({hubs + g, 0});
    for (int port = 1; port < operation.input_count(); ++port) {
      if (!operation.has(port)) continue;
      const TensorView& vector = operation.input(port);
      const LabelBlock* const own = vector.rank() == 1 ? vector.single(0) : nullptr;
      if (own == nullptr) operation.pin_all(vector, "one for each group of " + operation.described());
      operation.tie_axes(&of_groups, x, 0, own, vector, port);
    }
  }
  pass_first(operation);
  return true;
}

/// Statistics over the axes from `axis` on; scale and shift of that shape.
bool layer_normalisation(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || !operation.input(0).known_rank ||
      !first_output_only(operation)) {
    return false;
  }
  const TensorView& x = operation.input(0);
  std::int64_t axis = operation.node().integer("axis", -1);
  if (axis < 0) axis += x.rank();
  if (axis < 0 || axis >= x.rank()) return false;
  std::vector<int> axes;
  for (int i = static_cast<int>(axis); i < x.rank(); ++i) axes.push_back(i);
  operation.mark_symmetric(x, 0, axes);
  std::vector<Operand> operands;
  for (int port = 0; port < operation.input_count(); ++port) {
    if (operation.has(port)) operands.push_back({&operation.input(port), port});
  }
  Shape dims;
  if (!broadcast_dims(operands, dims) || dims.size() != x.dims.size()) return false;
  combine(operation, operands, dims, operation.output(0));
  return true;
}

/// Softmax and its kind; before opset 13 over all axes from `axis` on, since then over one.
bool softmax(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  const TensorView& x = operation.input(0);
  const bool joint = operation.opset() < 13;
  std::int64_t axis = operation.node().integer("axis", joint ? 1 : -1);
  if (axis < 0) axis += x.rank();
  if (axis < 0 || axis >= x.rank()) return false;
  std::vector<int> axes;
  for (int i = static_cast<int>(axis); i < (joint ? x.rank() : static_cast<int>(axis) + 1); ++i)
    axes.push_back(i);
  operation.mark_symmetric(x, 0, axes);
  pass_first(operation);
  return true;
}

bool lp_normalisation(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  const TensorView& x = operation.input(0);
  std::int64_t axis = operation.node().integer("axis", -1);
  if (axis < 0) axis += x.rank();
  operation.mark_symmetric(x, 0, {static_cast<int>(axis)});
  pass_first(operation);
  return true;
}

bool mean_variance_normalisation(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return false;
  auto given = operation.node().integer_list("axes");
  if (given.empty()) given = {0, 2, 3};
  std::vector<int> axes;
  for (const std::int64_t axis : given) {
    axes.push_back(static_cast<int>(axis < 0 ? axis + operation.input(0).rank() : axis));
  }
  operation.mark_symmetric(operation.input(0), 0, axes);
  pass_first(operation);
  return true;
}

}  // namespace

void add_normalisation_operations(OperationTable& table) {
  table["BatchNormalization"] = batch_normalisation;
  table["InstanceNormalization"] = instance_normalisation;
  table["GroupNormalization"] = group_normalisation;
  table["LayerNormalization"] = layer_normalisation;
  table["RMSNormalization"] = layer_normalisation;
  table["LpNormalization"] = lp_normalisation;
  table["MeanVarianceNormalization"] = mean_variance_normalisation;
  for (const char* name : {"Softmax", "LogSoftmax"}) table[name] = softmax;
}

}  // namespace nmperm
