#include "network/network_plan.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>

#include "network/batch_coupling.h"
#include "network/block_alignment.h"
#include "network/constant_view.h"
#include "network/element_scores.h"
#include "network/tensor_view.h"
#include "network/weight_matrix.h"

namespace nmperm {
namespace {

/// Which atoms may move, alone or with a whole group.
std::vector<bool> mobile_atoms(const Coupling& coupling) {
  std::vector<bool> mobile(static_cast<std::size_t>(coupling.ties.atom_count()), false);
  for (const auto* const sets : {&coupling.sets, &coupling.groups}) {
    for (const TradingClasses& set : *sets) {
      for (const auto& role : set.roles) {
        for (const int atom : role) mobile[static_cast<std::size_t>(atom)] = true;
      }
    }
  }
  return mobile;
}

/// Why the input channels of a weight stay where they are; empty where they may move.
std::string immobility(const Coupling& coupling, const PrunableWeight& weight,
                       const std::vector<bool>& mobile) {
  if (weight.input_place < 0) return "it has one input channel";
  const Place& place = coupling.places[static_cast<std::size_t>(weight.input_place)];
  const std::string* reason = nullptr;
  for (std::int64_t i = 0; i < place.atoms(); ++i) {
    const int atom = place.first_atom + static_cast<int>(i);
    if (mobile[static_cast<std::size_t>(atom)]) return {};
    if (reason == nullptr) reason = coupling.ties.pinned(atom);
  }
  if (reason != nullptr) return "its input channels are tied to " + *reason;
  return "none of its input channels has the same uses as another";
}

/// Elements of a weight whose input channel may move.
std::int64_t free_elements(const NetworkPlan& plan, const PlannedWeight& weight,
                           const std::vector<bool>& mobile) {
  if (weight.weight.input_place < 0) return 0;
  const Place& place = plan.coupling.places[static_cast<std::size_t>(weight.weight.input_place)];
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < place.atoms(); ++i) {
    count += mobile[static_cast<std::size_t>(place.first_atom + static_cast<int>(i))] ? 1 : 0;
  }
  return weight.elements / place.atoms() * count;
}

class Planner {
 public:
  Planner(const OnnxModel& model, const PruningRule& rule, NetworkPlan& plan)
      : model_(model), rule_(rule), plan_(plan), mobile_(mobile_atoms(plan.coupling)) {}

  void run() {
    for (const PrunableWeight& weight : plan_.coupling.weights) add_weight(weight);
    for (const TradingClasses& classes : plan_.coupling.sets) add_set(classes);
    for (const TradingClasses& classes : plan_.coupling.groups) add_group_set(classes);
    std::stable_sort(
        plan_.sets.begin(), plan_.sets.end(),
        [](const PermutableSet& a, const PermutableSet& b) { return a.columns.size() > b.columns.size(); });
    name_apart(plan_.sets);
    name_apart(plan_.group_sets);
  }

 private:
  void add_weight(const PrunableWeight& weight) {
    PlannedWeight planned;
    planned.weight = weight;
    planned.tensor = model_.constant(weight.constant).name;
    planned.elements = product(model_.constant(weight.constant).dims);
    planned.reason = rule_.size_refusal(weight, plan_.pattern);
    planned.suits_rule = planned.reason.empty();
    if (planned.suits_rule) {
      planned.reason = rule_.name_refusal(weight, planned.tensor);
      planned.selected = planned.reason.empty();
    }
    const std::string immobile = immobility(plan_.coupling, weight, mobile_);
    planned.free = immobile.empty();
    if (planned.selected) planned.reason = immobile;
    if (planned.selected && weight.input_place >= 0) consumers_.insert(weight.input_place);
    if (weight.output_place >= 0) producers_.insert(weight.output_place);
    plan_.weights.push_back(std::move(planned));
  }

  /// Lists what moves with the classes, and names them; false where no weight that is pruned does.
  template <typename Set>
  bool describe(const TradingClasses& classes, Set& set) const {
    set.classes = &classes;
    std::set<int> seen;
    for (std::size_t r = 0; r < classes.roles.size(); ++r) {
      const int place = plan_.coupling.place_of(classes.roles[r].front());
      if (place < 0) continue;
      const bool consumer = consumers_.count(place) > 0;
      if (consumer) set.consumer_roles.push_back(static_cast<int>(r));
      if (!seen.insert(place).second) continue;
      const Place& p = plan_.coupling.places[static_cast<std::size_t>(place)];
      auto& list = consumer ? set.consumers : producers_.count(place) > 0 ? set.producers : set.followers;
      list.push_back({p.constant, model_.constant(p.constant).name, p.axis});
    }
    if (set.consumer_roles.empty()) return false;
    const auto& named = set.producers.empty() ? set.consumers : set.producers;
    set.name = named.front().tensor;
    return true;
  }

  void add_set(const TradingClasses& classes) {
    PermutableSet set;
    if (!describe(classes, set)) return;
    set.columns = aligned_columns(classes, set.consumer_roles);
    if (set.columns.empty() && run_length(plan_, set) > 0) {
      set.runs = true;
      set.columns = identity_permutation(set.channels());
    }
    plan_.sets.push_back(std::move(set));
  }

  void add_group_set(const TradingClasses& classes) {
    GroupSet set;
    if (!describe(classes, set)) return;
    // Of each group of M columns of a weight: the first whole group that has a column there, and how many.
    std::map<std::pair<int, std::int64_t>, std::pair<std::size_t, int>> holders;
    for (const int role : set.consumer_roles) {
      const auto& atoms = classes.roles[static_cast<std::size_t>(role)];
      const int place = plan_.coupling.place_of(atoms.front());
      if (plan_.coupling.places[static_cast<std::size_t>(place)].outer_count > 1) continue;
      for (std::size_t g = 0; g < atoms.size(); ++g) {
        const std::int64_t at = position_of(plan_.coupling, place, atoms[g]).index / plan_.pattern.group;
        auto& [holder, count] = holders.try_emplace({place, at}, g, 0).first->second;
        if (holder == g) ++count;
      }
    }
    for (const auto& [at, held] : holders) set.straddles |= held.second < plan_.pattern.group;
    plan_.group_sets.push_back(std::move(set));
  }

  /// Channels of whole groups: M channels that stand in the same group of M columns in every consumer.
  std::vector<int> aligned_columns(const TradingClasses& classes, const std::vector<int>& roles) const {
    std::map<std::vector<std::int64_t>, std::vector<int>> groups;
    for (std::size_t channel = 0; channel < classes.channels(); ++channel) {
      std::vector<std::int64_t> key;
      for (const int role : roles) {
        const int atom = classes.roles[static_cast<std::size_t>(role)][channel];
        const AtomPosition position = position_of(plan_.coupling, plan_.coupling.place_of(atom), atom);
        key.push_back(position.index / plan_.pattern.group);
      }
      groups[key].push_back(static_cast<int>(channel));
    }
    std::vector<int> columns;
    for (const auto& [key, channels] : groups) {
      if (static_cast<int>(channels.size()) == plan_.pattern.group) {
        columns.insert(columns.end(), channels.begin(), channels.end());
      }
    }
    return columns;
  }

  template <typename Set>
  static void name_apart(std::vector<Set>& sets) {
    std::map<std::string, int> counts, numbers;
    for (const Set& set : sets) ++counts[set.name];
    for (Set& set : sets) {
      const std::string base = set.name;
      if (counts[base] > 1) set.name += fmt::format("#{}", ++numbers[base]);
    }
  }

  const OnnxModel& model_;
  const PruningRule& rule_;
  NetworkPlan& plan_;
  std::vector<bool> mobile_;
  std::set<int> consumers_, producers_;
};

}  // namespace

AtomPosition position_of(const Coupling& coupling, int place, int atom) {
  const Place& p = coupling.places[static_cast<std::size_t>(place)];
  const std::int64_t offset = atom - p.first_atom;
  return {offset / p.length, offset % p.length};
}

Coverage NetworkPlan::coverage() const {
  const std::vector<bool> mobile = mobile_atoms(coupling);
  Coverage result;
  for (const PlannedWeight& weight : weights) {
    if (!weight.suits_rule) continue;
    result.prunable_elements += weight.elements;
    result.free_elements += free_elements(*this, weight, mobile);
  }
  return result;
}

NetworkPlan plan_network(const OnnxModel& model, const Pattern& pattern, const PruningRule& rule) {
  NetworkPlan plan;
  plan.pattern = pattern;
  plan.graph = model.layer_graph();
  plan.coupling = couple_any_batch(plan.graph);
  Planner(model, rule, plan).run();
  return plan;
}

namespace {

/// Elements of a weight as float32: a view of the file's where it stores them so and they are the scores but
/// for their signs, else a copy.
class WeightElements {
 public:
  WeightElements(const OnnxModel& model, int index, int axis, const Scoring& scoring) {
    const StoredConstant& constant = model.constant(index);
    const bool as_stored = scoring.criterion().is_magnitude() && constant.type == ElementType::kFloat32;
    if (as_stored) view_ = model.raw_view(index);
    if (!view_.empty()) return;
    copy_ = element_scores(constant, ConstantView(model, index).bytes(), axis, {}, scoring,
                           model.path() + ":" + constant.name);
    view_ = std::as_bytes(std::span(copy_));
  }
  WeightElements(WeightElements&&) = default;

  float magnitude(std::size_t offset) const {
    float value = 0;
    std::memcpy(&value, view_.data() + offset * sizeof value, sizeof value);
    return std::fabs(value);
  }

 private:
  std::vector<float> copy_;
  std::span<const std::byte> view_;
};

/// One role of a set in one weight: the rows of the block of its place that the role lies in.
struct Part {
  const WeightElements* elements;
  WeightLayout layout;
  int first_row, rows;
  std::vector<int> columns;  ///< of the weight, for each column of the problem
};

}  // namespace

Problem set_problem(const OnnxModel& model, const NetworkPlan& plan, const PermutableSet& set,
                    const Scoring& scoring, const std::vector<int>& moved) {
  const auto now = [&](int atom) { return moved.empty() ? atom : moved[static_cast<std::size_t>(atom)]; };
  std::map<int, WeightElements> read;  // a flattened weight plays many roles
  std::vector<Part> parts;
  std::size_t rows = 0;
  for (const int role : set.consumer_roles) {
    const auto& atoms = set.classes->roles[static_cast<std::size_t>(role)];
    const int index = plan.coupling.place_of(atoms.front());
    const Place& place = plan.coupling.places[static_cast<std::size_t>(index)];
    const WeightElements& elements =
        read.try_emplace(place.constant, model, place.constant, place.axis, scoring).first->second;
    Part part{&elements, WeightLayout(model.constant(place.constant).dims, place.axis), 0, 0, {}};
    part.rows = part.layout.rows() / static_cast<int>(place.outer_count);
    part.first_row =
        part.rows * static_cast<int>(position_of(plan.coupling, index, now(atoms.front())).block);
    for (const int channel : set.columns) {
      const int atom = atoms[static_cast<std::size_t>(channel)];
      part.columns.push_back(static_cast<int>(position_of(plan.coupling, index, now(atom)).index));
    }
    rows += static_cast<std::size_t>(part.rows);
    parts.push_back(std::move(part));
  }
  ScoreMatrix scores(static_cast<int>(rows), static_cast<int>(set.columns.size()));
  int row = 0;
  for (const Part& part : parts) {
    for (int r = 0; r < part.rows; ++r, ++row) {
      const std::size_t start = part.layout.row_offset(part.first_row + r),
                        stride = part.layout.column_stride();
      for (std::size_t c = 0; c < part.columns.size(); ++c) {
        const std::size_t offset = start + static_cast<std::size_t>(part.columns[c]) * stride;
        scores.at(row, static_cast<int>(c)) = part.elements->magnitude(offset);
      }
    }
  }
  return Problem(std::move(scores), plan.pattern);
}

}  // namespace nmperm
