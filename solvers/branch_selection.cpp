#include "solvers/branch_selection.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace nmperm {
namespace {

constexpr double kFraction = 1e-4;  // sums nearer to an integer count as decided
constexpr int kTrialIterations = 20;

struct Candidate {
  BranchDecision together;
  double distance;  // of the pair's weight from one half
};

/// Pairs of different types in one group, of which at least one is single, by how undecided they are.
std::vector<Candidate> fractional_pairs(const RestrictedMaster& master, const IntegerColumns& columns) {
  std::map<std::pair<std::uint16_t, std::uint16_t>, double> weights;
  const int group = columns.pattern().group;
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
    if (columns.multiplicity(single) != 1) std::swap(single, other);
    if (columns.multiplicity(single) != 1 || weight < kFraction || weight > 1 - kFraction) continue;
    candidates.push_back({{single, other, true, columns.multiplicity(other) == 1}, std::abs(weight - 0.5)});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
  return candidates;
}

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

std::optional<BranchChoice> select_branch(RestrictedMaster& master, const IntegerColumns& columns,
                                          int candidates, double most_rise,
                                          const std::function<bool(const std::uint16_t*)>& allowed) {
  std::vector<Candidate> pairs = fractional_pairs(master, columns);
  if (pairs.empty()) return std::nullopt;
  if (pairs.size() > static_cast<std::size_t>(candidates)) pairs.resize(static_cast<std::size_t>(candidates));
  const int group = columns.pattern().group;
  const double objective = master.objective(), least = master.tolerance();
  const std::vector<std::uint8_t> basis = master.basis();
  std::optional<BranchChoice> best;
  double best_score = -1;
  for (const Candidate& candidate : pairs) {
    BranchDecision apart = candidate.together;
    apart.together = false;
    const BranchChoice choice = {candidate.together,
                                 rise(master, candidate.together, group, objective, allowed, basis),
                                 rise(master, apart, group, objective, allowed, basis)};
    const double score = std::clamp(choice.rise_together, least, std::max(least, most_rise)) *
                         std::clamp(choice.rise_apart, least, std::max(least, most_rise));
    if (score <= best_score) continue;
    best_score = score;
    best = choice;
  }
  master.set_basis(basis);
  master.open_where(allowed);
  return best;
}

}  // namespace nmperm
