#include "solvers/pool_relaxation.h"

#include <algorithm>
#include <cmath>

namespace nmperm {
namespace {

/// Reduced costs of the subset: what is negative repairs the duals, what is clearly so is a candidate.
struct Prices {
  PoolBound bound;
  std::vector<std::pair<double, std::uint32_t>> candidates;
};

Prices price(const IntegerColumns& columns, const GroupList& pool, const std::vector<std::uint32_t>& subset,
             const std::vector<double>& duals, double tolerance) {
  const int group = pool.group_size();
  Prices prices;
  std::vector<double> least(duals.size(), 0.0);
  for (const std::uint32_t g : subset) {
    const double reduced = pool.reduced(g, duals.data());
    if (reduced >= 0) continue;
    for (int k = 0; k < group; ++k) least[pool.types(g)[k]] = std::min(least[pool.types(g)[k]], reduced);
    if (reduced < -tolerance) prices.candidates.emplace_back(reduced, g);
  }
  for (std::size_t t = 0; t < duals.size(); ++t) {
    prices.bound.duals.push_back(duals[t] + std::floor(least[t] / group));
  }
  prices.bound.bound = columns.sum_over_columns(prices.bound.duals);
  return prices;
}

}  // namespace

PoolBound solve_pool(RestrictedMaster& master, const IntegerColumns& columns, const GroupList& pool,
                     const std::vector<std::uint32_t>& subset, double cutoff, LpEngine::Method first_method,
                     const Search& search) {
  constexpr std::size_t kLeastAdded = 64, kAddedPerType = 3;
  const std::size_t most = std::max(kLeastAdded, kAddedPerType * static_cast<std::size_t>(columns.types()));
  PoolBound best;
  std::vector<char> added(pool.size(), 0);
  LpEngine::Method method = first_method;
  for (;;) {
    LpLimits limits;
    limits.time_s = search.remaining_s();
    limits.should_stop = [&search] { return search.should_stop(); };
    if (master.solve(method, limits) != LpState::kOptimal) return best;
    Prices prices = price(columns, pool, subset, master.duals(), master.tolerance());
    if (prices.bound.bound > best.bound) {
      best.bound = prices.bound.bound;
      best.duals = std::move(prices.bound.duals);
    }
    best.objective = master.objective();
    if (best.bound >= cutoff) {
      best.state = PoolBound::State::kClosed;
      return best;
    }
    // Where costs differ by many orders of magnitude the engine may leave a group negative that it has: the
    // bound is valid all the same, and asking again would not end.
    std::erase_if(prices.candidates, [&](const auto& candidate) { return added[candidate.second] != 0; });
    if (prices.candidates.empty()) {
      best.state = PoolBound::State::kOptimal;
      return best;
    }
    const std::size_t count = std::min(most, prices.candidates.size());
    std::partial_sort(prices.candidates.begin(),
                      prices.candidates.begin() + static_cast<std::ptrdiff_t>(count),
                      prices.candidates.end());
    std::vector<std::uint32_t> chosen;
    for (std::size_t k = 0; k < count; ++k) {
      chosen.push_back(prices.candidates[k].second);
      added[chosen.back()] = 1;
    }
    master.add(pool, chosen);
    method = LpEngine::Method::kPrimal;
  }
}

}  // namespace nmperm
