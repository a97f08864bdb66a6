#include "checkpoints/checkpoint_plan.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

constexpr std::string_view kLayerMark = "{i}";

std::string with_layer(std::string name, int layer) {
  const std::size_t mark = name.find(kLayerMark);
  if (mark != std::string::npos) name.replace(mark, kLayerMark.size(), std::to_string(layer));
  return name;
}

/// Why sets stay where they are.
struct Pins {
  std::string residual;               ///< empty: it may move
  std::map<int, std::string> layers;  ///< inner channels and values of these layers
};

bool is_floating(const std::string& dtype) {
  return dtype == "F32" || dtype == "F16" || dtype == "BF16" || dtype == "F64";
}

/// Finds the tensors of the description in the checkpoint.
class Matcher {
 public:
  Matcher(const CheckpointFiles& files, CheckpointPlan& plan) : files_(files), plan_(plan) {}

  Pins run() {
    find_prefix();
    const Family& family = *plan_.shape.family;
    for (const TensorRule& rule : family.body) {
      const bool in_layers = rule.name.find(kLayerMark) != std::string::npos;
      for (int layer = 0; layer < (in_layers ? plan_.shape.layers : 1); ++layer) {
        place(rule, prefix_, in_layers ? layer : -1, rule.required);
      }
    }
    if (const Head* const head = plan_.shape.head) {
      for (const TensorRule& rule : head->rules) {
        place(rule, "", -1, rule.required && !(plan_.shape.tied && rule.name == head->tied));
      }
    }
    return pins();
  }

 private:
  void find_prefix() {
    const Family& family = *plan_.shape.family;
    const std::string& embedding = family.body.front().name;
    for (const std::string& prefix : family.prefixes) {
      if (files_.find(prefix + embedding) < 0) continue;
      prefix_ = prefix;
      return;
    }
    throw InputError(files_.folder(), {}, "holds no tensor '" + family.prefixes.front() + embedding + "'",
                     "a checkpoint of the type " + family.model_type + ", as config.json says");
  }

  void place(const TensorRule& rule, const std::string& prefix, int layer, bool required) {
    const std::string name = prefix + with_layer(rule.name, layer);
    int found = files_.find(name);
    if (found < 0 && !rule.old_name.empty()) found = files_.find(prefix + with_layer(rule.old_name, layer));
    if (found < 0) {
      if (!required) return;
      throw InputError(files_.folder(), {}, "the tensor '" + name + "' is missing",
                       fmt::format("a whole checkpoint of the type {} with {} layers",
                                   plan_.shape.family->model_type, plan_.shape.layers));
    }
    plan_.placed.push_back({found, &rule, layer});
    check(plan_.placed.back());
    matched_.insert(found);
  }

  void check(const PlacedTensor& placed) const {
    const TensorRule& rule = *placed.rule;
    if (rule.axes.empty()) return;
    const CheckpointTensor& tensor = files_.tensors()[static_cast<std::size_t>(placed.tensor)];
    std::vector<std::uint64_t> expected = tensor.shape;
    bool fits = expected.size() == rule.axes.size();
    expected.resize(rule.axes.size());
    for (std::size_t axis = 0; axis < expected.size(); ++axis) {
      const auto length = axis_length(rule.axes[axis], plan_.shape);
      if (length)
        fits &= std::exchange(expected[axis], static_cast<std::uint64_t>(*length)) == expected[axis];
    }
    if (!fits || tensor.shape != expected) {
      throw InputError(files_.subject(tensor), "shape " + shape_text(tensor.shape),
                       "is not what config.json says", shape_text(expected));
    }
    if (is_floating(tensor.dtype)) return;
    throw InputError(files_.subject(tensor), {}, "unsupported type " + tensor.dtype, "F32, F16, BF16 or F64");
  }

  /// Tensors that the description does not know might read anything in their layer and the residual stream.
  Pins pins() const {
    Pins pins;
    const ModelShape& shape = plan_.shape;
    if (shape.head == nullptr) {
      std::string known;
      for (const Head& head : shape.family->heads) known += (known.empty() ? "" : ", ") + head.architecture;
      pins.residual = fmt::format("the residual stream may be an output of {} ({} would hide it)",
                                  shape.architecture.empty() ? "the model" : shape.architecture, known);
    }
    for (std::size_t i = 0; i < files_.tensors().size(); ++i) {
      if (matched_.count(static_cast<int>(i)) > 0) continue;
      const std::string& name = files_.tensors()[i].name;
      const std::string reason =
          fmt::format("tensor '{}', which is not known of the type {}", name, shape.family->model_type);
      if (pins.residual.empty()) pins.residual = "the residual stream may be read by " + reason;
      const int layer = layer_of(name);
      if (layer >= shape.layers) {
        throw InputError(files_.config_path(), shape.family->config.layers,
                         fmt::format("is {}", shape.layers),
                         fmt::format("at least {}, as there is a tensor '{}'", layer + 1, name));
      }
      if (layer >= 0) pins.layers.emplace(layer, "its input channels may be read by " + reason);
    }
    return pins;
  }

  /// Number of the layer in the name of a tensor, or -1.
  int layer_of(const std::string& name) const {
    const std::string& pattern = plan_.shape.family->layer;
    const std::string start = prefix_ + pattern.substr(0, pattern.find(kLayerMark));
    if (!name.starts_with(start)) return -1;
    int layer = -1;
    const auto [end, error] = std::from_chars(name.data() + start.size(), name.data() + name.size(), layer);
    return error == std::errc() && layer >= 0 ? layer : -1;
  }

  const CheckpointFiles& files_;
  CheckpointPlan& plan_;
  std::string prefix_;
  std::set<int> matched_;
};

/// Makes sets and weights of the tensors that were found.
class Planner {
 public:
  Planner(const CheckpointFiles& files, const PruningRule& rule, const Pins& pins, CheckpointPlan& plan)
      : files_(files), rule_(rule), pins_(pins), plan_(plan) {}

  void run() {
    for (std::size_t p = 0; p < plan_.placed.size(); ++p) {
      if (plan_.placed[p].rule->use != Use::kOther) add_weight(static_cast<int>(p));
    }
    std::map<std::pair<int, SetKind>, CheckpointSet> sets;  // by layer; the residual stream has layer -1
    for (CheckpointWeight& weight : plan_.weights) {
      if (weight.selected && weight.reason.empty()) add_consumer(weight, sets);
    }
    for (auto& [key, set] : sets) plan_.sets.push_back(std::move(set));
    for (CheckpointWeight& weight : plan_.weights) {
      const PlacedTensor& placed = plan_.placed[static_cast<std::size_t>(weight.placed)];
      weight.free = weight.suits_rule && mobility(input_of(placed), placed.layer).empty();
    }
    for (std::size_t p = 0; p < plan_.placed.size(); ++p) enter(static_cast<int>(p));
    for (CheckpointSet& set : plan_.sets) {
      const auto& named = set.producers.empty() ? set.reading : set.producers;
      set.name = named.front().tensor;
    }
  }

 private:
  Axis input_of(const PlacedTensor& placed) const {
    return placed.rule->axes[static_cast<std::size_t>(placed.rule->input_axis)];
  }

  /// Why the channels along an axis stay; empty where they may move.
  std::string mobility(Axis axis, int layer) const {
    if (axis == Axis::kResidual) return pins_.residual;
    if (const auto pin = pins_.layers.find(layer); pin != pins_.layers.end()) return pin->second;
    const int head = plan_.shape.head_size, group = plan_.pattern.group;
    if (axis == Axis::kContext && head % group != 0) {
      return fmt::format("heads of {} channels make no groups of {}", head, group);
    }
    return {};
  }

  void add_weight(int index) {
    const PlacedTensor& placed = plan_.placed[static_cast<std::size_t>(index)];
    const CheckpointTensor& tensor = plan_.tensor(files_, index);
    const auto input = static_cast<std::size_t>(placed.rule->input_axis);
    CheckpointWeight weight;
    weight.placed = index;
    PrunableWeight sizes;
    sizes.input_channels = static_cast<std::int64_t>(tensor.shape[input]);
    sizes.output_channels = static_cast<std::int64_t>(tensor.shape[1 - input]);
    weight.elements = sizes.input_channels * sizes.output_channels;
    weight.reason = placed.rule->use == Use::kDense ? "it is outside of the blocks, where weights stay dense"
                                                    : rule_.size_refusal(sizes, plan_.pattern);
    weight.suits_rule = weight.reason.empty();
    if (weight.suits_rule) {
      weight.reason = rule_.name_refusal(sizes, tensor.name);
      weight.selected = weight.reason.empty();
    }
    if (weight.selected) weight.reason = mobility(input_of(placed), placed.layer);
    plan_.weights.push_back(std::move(weight));
  }

  void add_consumer(const CheckpointWeight& weight,
                    std::map<std::pair<int, SetKind>, CheckpointSet>& sets) const {
    const PlacedTensor& placed = plan_.placed[static_cast<std::size_t>(weight.placed)];
    const Axis axis = input_of(placed);
    const SetKind kind = axis == Axis::kResidual       ? SetKind::kResidual
                         : axis == Axis::kIntermediate ? SetKind::kIntermediate
                                                       : SetKind::kValue;
    const int layer = kind == SetKind::kResidual ? -1 : placed.layer;
    CheckpointSet& set = sets[{layer, kind}];
    set.kind = kind;
    set.layer = layer;
    const ModelShape& shape = plan_.shape;
    if (kind != SetKind::kValue) {
      const int channels = kind == SetKind::kResidual ? shape.hidden : shape.intermediate;
      set.segments = {channels};
      set.consumers.push_back({weight.placed, identity_permutation(channels)});
      return;
    }
    set.segments.assign(static_cast<std::size_t>(shape.value_heads), shape.head_size);
    for (int query = 0; query < shape.sharing(); ++query) {
      ConsumerColumns part{weight.placed, {}};
      for (int head = 0; head < shape.value_heads; ++head) {
        for (int j = 0; j < shape.head_size; ++j) {
          part.columns.push_back((head * shape.sharing() + query) * shape.head_size + j);
        }
      }
      set.consumers.push_back(std::move(part));
    }
  }

  /// Enters a tensor into the sets along its axes.
  void enter(int index) {
    const PlacedTensor& placed = plan_.placed[static_cast<std::size_t>(index)];
    const TensorRule& rule = *placed.rule;
    const std::string& name = plan_.tensor(files_, index).name;
    for (std::size_t axis = 0; axis < rule.axes.size(); ++axis) {
      const int found = plan_.set_along(rule.axes[axis], placed.layer);
      if (found < 0) continue;
      CheckpointSet& set = plan_.sets[static_cast<std::size_t>(found)];
      const bool input = rule.use == Use::kLinear && static_cast<int>(axis) == rule.input_axis;
      const bool reads = input && std::any_of(set.consumers.begin(), set.consumers.end(),
                                              [&](const auto& part) { return part.placed == index; });
      auto& list = reads ? set.reading : !input && rule.use == Use::kLinear ? set.producers : set.followers;
      list.push_back({placed.tensor, name, static_cast<int>(axis)});
    }
  }

  const CheckpointFiles& files_;
  const PruningRule& rule_;
  const Pins& pins_;
  CheckpointPlan& plan_;
};

}  // namespace

int CheckpointPlan::set_along(Axis axis, int layer) const {
  SetKind kind = SetKind::kResidual;
  switch (axis) {
    case Axis::kEmbedding:
      if (shape.embedding != shape.hidden) return -1;
      break;
    case Axis::kResidual:
      break;
    case Axis::kIntermediate:
      kind = SetKind::kIntermediate;
      break;
    case Axis::kValue:
    case Axis::kContext:
    case Axis::kQueryKeyValue:
      kind = SetKind::kValue;
      break;
    default:
      return -1;
  }
  for (std::size_t s = 0; s < sets.size(); ++s) {
    const bool here = kind == SetKind::kResidual || sets[s].layer == layer;
    if (sets[s].kind == kind && here) return static_cast<int>(s);
  }
  return -1;
}

Coverage CheckpointPlan::coverage() const {
  Coverage coverage;
  for (const CheckpointWeight& weight : weights) {
    if (!weight.suits_rule) continue;
    coverage.prunable_elements += weight.elements;
    if (weight.free) coverage.free_elements += weight.elements;
  }
  return coverage;
}

Permutation axis_order(const CheckpointPlan& plan, const ChannelOrders& orders, const PlacedTensor& placed,
                       std::size_t axis) {
  const Axis kind = placed.rule->axes[axis];
  const int set = plan.set_along(kind, placed.layer);
  if (set < 0) return {};
  const Permutation& order = orders[static_cast<std::size_t>(set)];
  const int head_size = plan.shape.head_size;
  Permutation along;
  if (kind == Axis::kQueryKeyValue) {
    const int block = static_cast<int>(order.size());
    along = identity_permutation(3 * block);
    for (int i = 0; i < block; ++i) {
      along[static_cast<std::size_t>(2 * block + i)] = 2 * block + order[static_cast<std::size_t>(i)];
    }
  } else if (kind == Axis::kContext) {
    for (int query = 0; query < plan.shape.heads; ++query) {
      const int shift = (query - query / plan.shape.sharing()) * head_size;  // from value to query head
      for (int j = 0; j < head_size; ++j) {
        const int value = query / plan.shape.sharing() * head_size + j;
        along.push_back(order[static_cast<std::size_t>(value)] + shift);
      }
    }
  } else {
    along = order;
  }
  return along == identity_permutation(static_cast<int>(along.size())) ? Permutation() : along;
}

CheckpointPlan plan_checkpoint(const CheckpointFiles& files, const Pattern& pattern,
                               const PruningRule& rule) {
  CheckpointPlan plan;
  plan.shape = parse_model_shape(files.config(), files.config_path());
  plan.pattern = pattern;
  const Pins pins = Matcher(files, plan).run();
  Planner(files, rule, pins, plan).run();
  return plan;
}

CheckpointPlan plan_movement(const CheckpointFiles& files) {
  constexpr Pattern kFitsAll{1, 1};  // groups of one channel, which any number of channels makes
  return plan_checkpoint(files, kFitsAll, PruningRule("outputs=1,inputs=1", "", ""));
}

}  // namespace nmperm
