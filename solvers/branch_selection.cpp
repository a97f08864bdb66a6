#include "solvers/branch_selection.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace nmperm {
namespace {

constexpr double kFraction = 1e-4;  // sums nearer to an integer count as decided
constexpr int kTrialIterations = 10;

/// By how much the master's objective rises under a decision, within a few iterations.
double rise(RestrictedMaster& master, const BranchDecision& decision, int group, double objective,
            const std::function<bool(const std::uint16_t*)>& allowed,
            const std::vector<std::uint8_t>& basis) {
  master.set_basis(basis);
  master.open_where(
      [&](const std::uint16_t* types) { return allowed(types) && decision.allows(types, group); });
  LpLimits limits;
  limits.iterations = kTrialIterations;
  master.solve(LpEngine::Method::kDual, limits);
  return std::max(0.0, master.objective() - objective);
}

}  // namespace

/// Pairs of different types in one group, of which at least one is single.
std::vector<BranchSelection::Candidate> BranchSelection::fractional_pairs(
    const RestrictedMaster& master) const {
  std::map<std::pair<std::uint16_t, std::uint16_t>, double> weights;
  const int group = columns_.pattern().group;
  for (const Weighted& chosen : master.chosen()) {
    for (int a = 0; a < group; ++a) {
      if (a > 0 && chosen.types[a] == chosen.types[a - 1]) continue;
      for (int b = a + 1; b < group; ++b) {
        if (chosen.types[b] == chosen.types[a] || (b > a + 1 && chosen.types[b] == chosen.types[b - 1]))
          continue;
        weights[{chosen.types[a], chosen.types[b]}] += chosen.weight;
      }
    }
  }
  std::vector<Candidate> candidates;
  for (const auto& [pair, weight] : weights) {
    auto [single, other] = pair;
    if (columns_.multiplicity(single) != 1) std::swap(single, other);
    if (columns_.multiplicity(single) != 1 || weight < kFraction || weight > 1 - kFraction) continue;
    candidates.push_back({{single, other, true, columns_.multiplicity(other) == 1}, weight, 0});
  }
  return candidates;
}

/// From the pair's own history, from all pairs' where it has none, or `unit` where nothing was tried yet.
BranchChoice BranchSelection::expected(const Candidate& candidate, double unit) const {
  const auto found = pairs_.find(key_of(candidate.together));
  History history = found != pairs_.end() ? found->second : all_;
  if (history.trials == 0) history.add(unit, unit);
  return {candidate.together, history.together / history.trials * (1 - candidate.weight),
          history.apart / history.trials * candidate.weight};
}

std::optional<BranchChoice> BranchSelection::select(
    RestrictedMaster& master, int trials, double most_rise,
    const std::function<bool(const std::uint16_t*)>& allowed) {
  std::vector<Candidate> candidates = fractional_pairs(master);
  if (candidates.empty()) return std::nullopt;
  const double objective = master.objective(), least = std::min(master.tolerance(), most_rise);
  const auto score = [&](const BranchChoice& choice) {
    return std::clamp(choice.rise_together, least, most_rise) *
           std::clamp(choice.rise_apart, least, most_rise);
  };
  for (Candidate& candidate : candidates) {
    candidate.score = score(expected(candidate, most_rise));
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  if (candidates.size() > static_cast<std::size_t>(trials))
    candidates.resize(static_cast<std::size_t>(trials));
  const std::vector<std::uint8_t> basis = master.basis();
  const int group = columns_.pattern().group;
  std::optional<BranchChoice> best;
  double best_score = -1;
  for (const Candidate& candidate : candidates) {
    BranchDecision apart = candidate.together;
    apart.together = false;
    const auto trial = [&](const BranchDecision& decision) {
      return std::min(most_rise, rise(master, decision, group, objective, allowed, basis));
    };
    const BranchChoice choice = {candidate.together, trial(candidate.together), trial(apart)};
    const double up = choice.rise_together / (1 - candidate.weight),
                 down = choice.rise_apart / candidate.weight;
    pairs_[key_of(candidate.together)].add(up, down);
    all_.add(up, down);
    const double value = score(choice);
    if (value <= best_score) continue;
    best_score = value;
    best = choice;
  }
  master.set_basis(basis);
  master.open_where(allowed);
  return best;
}

}  // namespace nmperm
