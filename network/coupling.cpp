#include "network/coupling.h"

#include <algorithm>
#include <set>

#include "network/operation.h"

namespace nmperm {

namespace {

/// Views of all tensors, made in the order in which the graph computes them.
class Follower {
 public:
  Follower(const LayerGraph& graph, Coupling& coupling)
      : graph_(graph), coupling_(coupling), blocked_(blocked_places(graph)), views_(graph.tensors.size()) {}

  void run() {
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      if (graph_.tensors[t].producer < 0) views_[t] = source_view(graph_.tensors[t]);
    }
    for (const int node : graph_.topological_order()) follow(node);
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      if (graph_.tensors[t].graph_output) pin(views_[t], "the graph output '" + graph_.tensors[t].name + "'");
    }
  }

 private:
  void pin(const TensorView& view, const std::string& reason) {
    for (const LabelBlock& block : view.blocks) {
      for (const Label& label : block.labels) coupling_.ties.pin(label.atom, reason);
    }
    // A constant that is permuted in blocks has its labels in its places alone.
    if (view.constant >= 0) pin_constant(view.constant, reason);
  }

  void pin_constant(int constant, const std::string& reason) {
    for (const Place& place : coupling_.places) {
      if (place.constant != constant) continue;
      for (std::int64_t i = 0; i < place.atoms(); ++i) {
        coupling_.ties.pin(place.first_atom + static_cast<int>(i), reason);
      }
    }
  }

  /// Adds a place with its atoms; blocks that are not alike never exchange elements.
  void add_place(Place place, int constant) {
    place.constant = constant;
    place.first_atom = coupling_.ties.atom_count();
    for (std::int64_t block = 0; block < place.outer_count; ++block) {
      (void)coupling_.ties.add_atoms(next_place_, place.length);
      if (!place.blocks_alike || block + 1 == place.outer_count) ++next_place_;
    }
    coupling_.places.push_back(place);
  }

  TensorView source_view(const GraphTensor& tensor) {
    TensorView view;
    if (tensor.constant < 0) {
      view.reason = (tensor.graph_input ? "the graph input '" : "the undefined tensor '") + tensor.name + "'";
      if (tensor.declared) {
        view.known_rank = true;
        view.dims = *tensor.declared;
      }
      return bounded(std::move(view));
    }
    const StoredConstant& constant = graph_.constants[static_cast<std::size_t>(tensor.constant)];
    view.known_rank = true;
    view.dims = constant.dims;
    if (!tensor.graph_input) view.values = constant.integers;  // else callers may replace them
    view.constant = tensor.constant;
    view.reason = "elements of the constant '" + constant.name + "'";
    if (!is_floating(constant.type)) return bounded(std::move(view));
    const auto blocked = blocked_.find(tensor.constant);
    if (blocked != blocked_.end()) {
      for (const Place& place : blocked->second) add_place(place, tensor.constant);
      if (tensor.graph_input) pin_constant(tensor.constant, "the graph input '" + tensor.name + "'");
      return bounded(std::move(view));
    }
    for (int axis = 0; axis < view.rank(); ++axis) {
      const std::int64_t size = view.dim(axis);
      if (size < 2 || size > kMaxBlockLabels) continue;
      Place place;
      place.axis = axis;
      place.length = size;
      add_place(place, tensor.constant);
      LabelBlock block{{axis}, {}};
      const int first = coupling_.places.back().first_atom;
      for (std::int64_t i = 0; i < size; ++i) block.labels.push_back({first + static_cast<int>(i), 0});
      view.blocks.push_back(std::move(block));
    }
    if (tensor.graph_input) pin(view, "the graph input '" + tensor.name + "'");
    return bounded(std::move(view));
  }

  /// Dimensions that no product may overflow; unknown ones where a file asks for more.
  static TensorView bounded(TensorView view) {
    for (std::int64_t& dim : view.dims) {
      if (dim < 0 || dim > kMaxFollowedInteger) dim = kUnknownDimension;
    }
    if (view.values) {
      for (std::int64_t& value : *view.values) {
        if (value != kUnknownElement) value = std::clamp(value, -kMaxFollowedInteger, kMaxFollowedInteger);
      }
    }
    return view;
  }

  void follow(int index) {
    const GraphNode& node = graph_.nodes[static_cast<std::size_t>(index)];
    std::vector<const TensorView*> inputs;
    for (const int tensor : node.inputs) {
      inputs.push_back(tensor < 0 ? nullptr : &views_[static_cast<std::size_t>(tensor)]);
    }
    Operation operation(graph_, coupling_, index, inputs);
    const auto rule = operation_table().find(node.operation);
    const bool followed = rule != operation_table().end() && node.captured.empty() && !node.outputs.empty();
    const bool known = followed && rule->second(operation);
    const std::string reason = operation.described() + (followed ? ", which is not followed in this use"
                                                                 : ", an operation that is not followed");
    if (known) {
      infer_values(operation);
      pin_forgotten(operation);
    } else {
      for (const TensorView* view : inputs) {
        if (view != nullptr) pin(*view, "inputs of " + reason);
      }
      for (const int tensor : node.captured) {
        pin(views_[static_cast<std::size_t>(tensor)], "inputs of " + reason);
      }
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] < 0) continue;
      TensorView view = known ? std::move(operation.output(static_cast<int>(i))) : TensorView{};
      if (!known) view.reason = "outputs of " + reason;
      complete(view, graph_.tensors[static_cast<std::size_t>(node.outputs[i])]);
      drop_pinned(view);
      views_[static_cast<std::size_t>(node.outputs[i])] = bounded(std::move(view));
    }
  }

  /// Axes whose elements are all pinned do without labels.
  void drop_pinned(TensorView& view) {
    std::erase_if(view.blocks, [&](const LabelBlock& block) {
      const std::string* reason = nullptr;
      for (const Label& label : block.labels) {
        reason = coupling_.ties.pinned(label.atom);
        if (reason == nullptr) return false;
      }
      if (reason != nullptr) view.reason = *reason;  // says more than why the other axes do not move
      return true;
    });
  }

  /// A safety net under the rules: every channel that goes into an operation is tied, marked or pinned by it,
  /// or comes out again. Operations that pick elements leave others out, and shapes and types do not depend
  /// on elements.
  void pin_forgotten(Operation& operation) {
    const std::string& name = operation.node().operation;
    static const std::set<std::string> kLeaving = {"Slice", "Split", "Gather", "Shape", "Size", "CastLike"};
    if (kLeaving.count(name) > 0) return;
    std::set<int> passed;
    for (int port = 0; port < operation.output_count(); ++port) {
      for (const LabelBlock& block : operation.output(port).blocks) {
        for (const Label& label : block.labels) passed.insert(label.atom);
      }
    }
    const std::string reason = "inputs of " + operation.described() + ", which does not follow them";
    const auto check = [&](int atom) {
      if (coupling_.ties.accounted(atom, operation.index()) || passed.count(atom) > 0) return;
      coupling_.ties.pin(atom, reason);
    };
    for (int port = 0; port < operation.input_count(); ++port) {
      if (!operation.has(port)) continue;
      const TensorView& view = operation.input(port);
      for (const LabelBlock& block : view.blocks) {
        for (const Label& label : block.labels) check(label.atom);
      }
      if (view.constant < 0 || blocked_.count(view.constant) == 0 || name == "Identity") continue;
      for (const Place& place : coupling_.places) {
        if (place.constant != view.constant) continue;
        for (std::int64_t i = 0; i < place.atoms(); ++i) check(place.first_atom + static_cast<int>(i));
      }
    }
  }

  /// Dimensions that were not found, as the file declares them.
  static void complete(TensorView& view, const GraphTensor& tensor) {
    if (!tensor.declared) return;
    if (!view.known_rank) {
      view.known_rank = true;
      view.dims = *tensor.declared;
      view.blocks.clear();
    } else if (view.dims.size() == tensor.declared->size()) {
      for (std::size_t axis = 0; axis < view.dims.size(); ++axis) {
        if (view.dims[axis] == kUnknownDimension) view.dims[axis] = (*tensor.declared)[axis];
      }
    }
  }

  const LayerGraph& graph_;
  Coupling& coupling_;
  std::map<int, std::vector<Place>> blocked_;
  std::vector<TensorView> views_;
  int next_place_ = 0;
};

}  // namespace

int Coupling::place_of(int atom) const {
  const auto after = [](int wanted, const Place& place) { return wanted < place.first_atom; };
  const auto found = std::upper_bound(places.begin(), places.end(), atom, after);
  if (found == places.begin()) return -1;
  const Place& place = *(found - 1);
  return atom < place.first_atom + place.atoms() ? static_cast<int>(found - 1 - places.begin()) : -1;
}

std::map<int, std::vector<Place>> blocked_places(const LayerGraph& graph) {
  // Constant that each tensor is, directly or through Identity nodes.
  std::vector<int> constants(graph.tensors.size(), -1);
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) constants[t] = graph.tensors[t].constant;
  const std::vector<int> order = graph.topological_order();
  const auto at = [](int index) { return static_cast<std::size_t>(index); };
  for (const int node : order) {
    const GraphNode& n = graph.nodes[at(node)];
    if (n.operation == "Identity" && n.inputs.size() == 1 && n.inputs[0] >= 0 && n.outputs.size() == 1 &&
        n.outputs[0] >= 0) {
      constants[at(n.outputs[0])] = constants[at(n.inputs[0])];
    }
  }
  std::map<int, std::vector<Place>> blocked;
  std::vector<bool> other_use(graph.constants.size(), false);
  const auto same = [](const std::vector<Place>& a, const std::vector<Place>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Place& x, const Place& y) {
      return x.axis == y.axis && x.outer_count == y.outer_count && x.outer_block == y.outer_block;
    });
  };
  for (const GraphNode& node : graph.nodes) {
    for (std::size_t port = 0; port < node.inputs.size(); ++port) {
      const int constant = node.inputs[port] < 0 ? -1 : constants[at(node.inputs[port])];
      if (constant < 0 || (node.operation == "Identity" && node.outputs[0] >= 0)) continue;
      std::vector<Place> places;
      const bool takes = convolution_places(graph, node, static_cast<int>(port), constant, places) ||
                         recurrent_places(graph, node, static_cast<int>(port), constant, places);
      if (!takes) {
        other_use[at(constant)] = true;
      } else if (const auto [found, fresh] = blocked.emplace(constant, places);
                 !fresh && !same(found->second, places)) {
        other_use[at(constant)] = true;
      }
    }
    for (const int tensor : node.captured) {
      if (constants[at(tensor)] >= 0) other_use[at(constants[at(tensor)])] = true;
    }
  }
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    if (graph.tensors[t].graph_output && constants[t] >= 0) other_use[at(constants[t])] = true;
  }
  std::erase_if(blocked, [&](const auto& entry) { return other_use[at(entry.first)]; });
  return blocked;
}

Coupling couple(const LayerGraph& graph) {
  Coupling coupling;
  Follower(graph, coupling).run();
  coupling.sets = coupling.ties.trading_classes();
  coupling.groups = coupling.ties.trading_groups();
  return coupling;
}

}  // namespace nmperm
