// Maximum-weight perfect matching of a complete graph, with a proof.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace nmperm {

/// Weights of the edges {a, b}, a < b, of a complete graph: entry b (b - 1) / 2 + a.
struct EdgeWeights {
  int nodes;
  std::vector<std::int64_t> weight;

  std::int64_t& at(int a, int b) { return weight[number(a, b)]; }
  std::int64_t at(int a, int b) const { return weight[number(a, b)]; }
  static std::size_t number(int a, int b) {
    const auto low = static_cast<std::size_t>(a < b ? a : b), high = static_cast<std::size_t>(a < b ? b : a);
    return high * (high - 1) / 2 + low;
  }
};

/// Weights up to this are safe: their sums, scaled by 4 as the algorithm's duals are, stay below 2^63.
inline constexpr double kMostEdgeWeight = 0x1p48;

struct PerfectMatching {
  std::vector<int> mate;  ///< of every node
  /// No perfect matching has more weight: what the dual variables prove, whoever found them. Equal to the
  /// weight of this one unless the algorithm erred.
  double bound;
};

/// The perfect matching of most weight. `nodes` is even and positive, weights are 0 .. kMostEdgeWeight. Null
/// once `should_stop` says true. Time O(n^3 log n) at worst, memory about 60 bytes an edge. Uses LEMON.
std::optional<PerfectMatching> best_perfect_matching(const EdgeWeights& weights,
                                                     const std::function<bool()>& should_stop);

}  // namespace nmperm
