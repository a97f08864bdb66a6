#include "solvers/perfect_matching.h"

#include <algorithm>
#include <numeric>

#include <lemon/full_graph.h>
#include <lemon/matching.h>

#include "core/error.h"

namespace nmperm {
namespace {

using Graph = lemon::FullGraph;

struct Stopped {};

// Reads weights for LEMON, whose algorithm has no callback: the only place from which it can be stopped.
class StoppableWeights {
 public:
  using Key = Graph::Edge;
  using Value = std::int64_t;

  StoppableWeights(const Graph& graph, const EdgeWeights& weights, const std::function<bool()>& should_stop)
      : graph_(graph), weights_(weights), should_stop_(should_stop) {}

  Value operator[](const Key& edge) const {
    constexpr unsigned kReadsPerLook = 1 << 14;
    if (++reads_ % kReadsPerLook == 0 && should_stop_ && should_stop_()) throw Stopped();
    return weights_.at(Graph::id(graph_.u(edge)), Graph::id(graph_.v(edge)));
  }

 private:
  const Graph& graph_;
  const EdgeWeights& weights_;
  const std::function<bool()>& should_stop_;
  mutable unsigned reads_ = 0;
};

using Algorithm = lemon::MaxWeightedPerfectMatching<Graph, StoppableWeights>;
constexpr std::int64_t kScale = Algorithm::dualScale;

// Weak duality. Any node values u and blossom values z >= 0 with u_a + u_b + sum_{B: a, b in B} z_B >= w_ab
// bound every perfect matching by sum u + sum_B z_B (|B| - 1) / 2. Where an edge misses that by some amount,
// half of it on every node makes good.
double proven_bound(const Graph& graph, const EdgeWeights& weights, const Algorithm& algorithm) {
  std::vector<std::int64_t> missing(weights.weight.size());
  for (int b = 1; b < weights.nodes; ++b) {
    for (int a = 0; a < b; ++a) {
      missing[EdgeWeights::number(a, b)] =
          kScale * weights.at(a, b) - algorithm.nodeValue(graph(a)) - algorithm.nodeValue(graph(b));
    }
  }
  double bound = 0;
  for (int a = 0; a < weights.nodes; ++a) bound += static_cast<double>(algorithm.nodeValue(graph(a)));
  for (int blossom = 0; blossom < algorithm.blossomNum(); ++blossom) {
    const std::int64_t value = algorithm.blossomValue(blossom);
    if (value <= 0) continue;
    std::vector<int> nodes;
    for (Algorithm::BlossomIt n(algorithm, blossom); n != lemon::INVALID; ++n) nodes.push_back(Graph::id(n));
    for (std::size_t b = 1; b < nodes.size(); ++b) {
      for (std::size_t a = 0; a < b; ++a) missing[EdgeWeights::number(nodes[a], nodes[b])] -= value;
    }
    const std::size_t pairs = (nodes.size() - 1) / 2;
    bound += static_cast<double>(value) * static_cast<double>(pairs);
  }
  const std::int64_t most_missing =
      std::max<std::int64_t>(0, *std::max_element(missing.begin(), missing.end()));
  return (bound + static_cast<double>(most_missing) * weights.nodes / 2) / kScale;
}

}  // namespace

std::optional<PerfectMatching> best_perfect_matching(const EdgeWeights& weights,
                                                     const std::function<bool()>& should_stop) {
  if (weights.nodes < 2 || weights.nodes % 2 != 0)
    throw InternalError("no perfect matching of odd or no nodes");
  const Graph graph(weights.nodes);
  const StoppableWeights map(graph, weights, should_stop);
  Algorithm algorithm(graph, map);
  try {
    if (!algorithm.run()) throw InternalError("LEMON found no perfect matching of a complete graph");
  } catch (const Stopped&) {
    return std::nullopt;
  }
  PerfectMatching matching{{}, proven_bound(graph, weights, algorithm)};
  for (int a = 0; a < weights.nodes; ++a) matching.mate.push_back(Graph::id(algorithm.mate(graph(a))));
  return matching;
}

}  // namespace nmperm
