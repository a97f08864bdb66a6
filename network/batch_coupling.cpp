#include "network/batch_coupling.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace nmperm {
namespace {

/// The first open dimension of the only input that has any; null where there is none.
struct OpenDimension {
  std::size_t tensor, axis;
};
std::optional<OpenDimension> open_dimension(const LayerGraph& graph) {
  std::optional<OpenDimension> found;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const GraphTensor& tensor = graph.tensors[t];
    if (!tensor.graph_input) continue;
    if (!tensor.declared) return std::nullopt;
    const auto open = std::find(tensor.declared->begin(), tensor.declared->end(), kUnknownDimension);
    if (open == tensor.declared->end()) continue;
    if (found) return std::nullopt;  // the dimensions of two inputs may be one, or may not
    found = OpenDimension{t, static_cast<std::size_t>(open - tensor.declared->begin())};
  }
  return found;
}

Coupling couple_sized(LayerGraph graph, const OpenDimension& open, std::int64_t size) {
  (*graph.tensors[open.tensor].declared)[open.axis] = size;
  return couple(graph);
}

/// The roles that atoms of stored constants play: how many virtual ones there are depends on the batch.
std::vector<std::vector<std::vector<int>>> stored_roles(const Coupling& coupling,
                                                        const std::vector<TradingClasses>& sets) {
  std::vector<std::vector<std::vector<int>>> roles;
  for (const TradingClasses& set : sets) {
    roles.push_back(set.roles);
    std::erase_if(roles.back(), [&](const auto& atoms) { return coupling.place_of(atoms.front()) < 0; });
  }
  return roles;
}

bool same_sets(const Coupling& a, const Coupling& b) {
  return a.weights.size() == b.weights.size() && stored_roles(a, a.sets) == stored_roles(b, b.sets);
}

bool pins_a_weight(const Coupling& coupling) {
  return std::any_of(coupling.weights.begin(), coupling.weights.end(), [&](const PrunableWeight& weight) {
    if (weight.input_place < 0) return false;
    const Place& place = coupling.places[static_cast<std::size_t>(weight.input_place)];
    return coupling.ties.pinned(place.first_atom) != nullptr;
  });
}

/// Atoms that may trade places.
std::size_t mobile_channels(const Coupling& coupling) {
  std::size_t count = 0;
  for (const TradingClasses& set : coupling.sets) count += set.roles.size() * set.channels();
  return count;
}

}  // namespace

Coupling couple_any_batch(const LayerGraph& graph) {
  constexpr std::int64_t kOne = 3, kOther = 5;
  Coupling open = couple(graph);
  const auto dimension = open_dimension(graph);
  if (!dimension || !pins_a_weight(open)) return open;
  Coupling one = couple_sized(graph, *dimension, kOne);
  if (mobile_channels(one) <= mobile_channels(open)) return open;
  const Coupling other = couple_sized(graph, *dimension, kOther);
  if (!same_sets(one, other)) return open;
  if (stored_roles(one, one.groups) != stored_roles(other, other.groups)) one.groups.clear();
  return one;
}

}  // namespace nmperm
