// What can be gained in a network: its weights, its permutable sets, and the problem of each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/pattern.h"
#include "core/problem.h"
#include "criteria/scoring.h"
#include "network/coupling.h"
#include "network/onnx_model.h"
#include "network/pruning_rule.h"

namespace nmperm {

/// One weight of the network with what is decided on it.
struct PlannedWeight {
  PrunableWeight weight;
  std::string tensor;
  std::int64_t elements = 0;
  bool suits_rule = false;  ///< by its sizes: counts as prunable
  bool selected = false;    ///< and by its name: is pruned
  bool free = false;        ///< its input channels may move
  std::string reason;       ///< why it is not selected, or not free
};

/// A tensor that moves with a set.
struct SetTensor {
  int constant = 0;
  std::string tensor;
  int axis = 0;
};

/// Channels that may trade places, and where N:M groups them.
struct PermutableSet {
  std::string name;
  const TradingClasses* classes = nullptr;
  std::vector<SetTensor> producers;  ///< weights whose output channels these are
  std::vector<SetTensor> consumers;  ///< selected weights whose input channels these are
  std::vector<SetTensor> followers;  ///< all other tensors that move along
  /// Roles (of `classes`) that are input channels of selected weights.
  std::vector<int> consumer_roles;
  /// Channels that stand in whole groups of M in every consumer, group after group: column s of the problem
  /// is channel columns[s]. Channels that straddle groups are left where they are.
  std::vector<int> columns;
  /// The channels are runs of columns of a flattened weight (block_alignment.h): all of them are in
  /// `columns`, and there is no problem of single columns.
  bool runs = false;

  int channels() const { return static_cast<int>(classes->channels()); }
};

/// Whole groups of channels (of a grouped convolution, heads) that may trade places.
struct GroupSet {
  std::string name;
  const TradingClasses* classes = nullptr;                 ///< a "channel" is a whole group
  std::vector<SetTensor> producers, consumers, followers;  ///< as of PermutableSet
  std::vector<int> consumer_roles;
  /// Some group of M columns of a consumer holds columns of several whole groups, so that their order
  /// matters.
  bool straddles = false;

  int groups() const { return static_cast<int>(classes->channels()); }
};

struct Coverage {
  std::int64_t prunable_elements = 0, free_elements = 0;
};

/// Coupling, weights and sets of a model. Refers to nothing of the model; cheap to keep.
struct NetworkPlan {
  Pattern pattern;
  LayerGraph graph;
  Coupling coupling;
  std::vector<PlannedWeight> weights;
  std::vector<PermutableSet> sets;   ///< those with consumers, largest first
  std::vector<GroupSet> group_sets;  ///< those with consumers

  Coverage coverage() const;
};

/// Throws InputError on a cyclic graph.
NetworkPlan plan_network(const OnnxModel& model, const Pattern& pattern, const PruningRule& rule);

/// Index of an atom in its place (an index into Coupling::places), and the block of the place that holds it.
struct AtomPosition {
  std::int64_t block = 0, index = 0;
};
AtomPosition position_of(const Coupling& coupling, int place, int atom);

/// The scores of all consumers of a set, stacked: columns as PermutableSet::columns, one segment. `moved`
/// says which atom each atom is now (apply.h: moved_atoms); empty where none has moved. Memory 4 bytes an
/// element. Throws InputError where a weight is not finite, and as Scoring::score().
Problem set_problem(const OnnxModel& model, const NetworkPlan& plan, const PermutableSet& set,
                    const Scoring& scoring = {}, const std::vector<int>& moved = {});

}  // namespace nmperm
