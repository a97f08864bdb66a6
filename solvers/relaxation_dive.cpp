#include "solvers/relaxation_dive.h"

#include <algorithm>

namespace nmperm {
namespace {

constexpr double kCertain = 0.98;   // weight from which a group is fixed without choice
constexpr double kFixShare = 0.04;  // of the free groups: fixed at least in a step

/// What is fixed so far.
class Fixed {
 public:
  explicit Fixed(const IntegerColumns& columns) : group_(columns.pattern().group) {
    for (int t = 0; t < columns.types(); ++t) left_.push_back(columns.multiplicity(t));
    free_groups_ = columns.groups();
  }

  /// Whether what is left holds the group.
  bool fits(const std::uint16_t* types) const {
    for (int k = 0; k < group_; ++k) {
      const auto copies = std::count(types, types + group_, types[k]);
      if (left_[types[k]] < copies) return false;
    }
    return true;
  }
  void fix(const std::uint16_t* types) {
    for (int k = 0; k < group_; ++k) --left_[types[k]];
    groups_.insert(groups_.end(), types, types + group_);
    --free_groups_;
  }
  /// Whether the group is among the fixed ones.
  bool holds(const std::uint16_t* types) const {
    for (std::size_t i = 0; i < groups_.size(); i += static_cast<std::size_t>(group_)) {
      if (std::equal(types, types + group_, groups_.begin() + static_cast<std::ptrdiff_t>(i))) return true;
    }
    return false;
  }
  int free_groups() const { return free_groups_; }
  const std::vector<std::uint16_t>& groups() const { return groups_; }

 private:
  int group_, free_groups_;
  std::vector<int> left_;
  std::vector<std::uint16_t> groups_;
};

/// Fixes the certain groups, and the heaviest others until a step is large enough. False where nothing fits.
bool fix_some(Fixed& fixed, std::vector<Weighted> chosen, double noise, Rng& rng) {
  for (Weighted& group : chosen) {
    if (group.weight < kCertain) group.weight *= 1 + noise * (rng.uniform() - 0.5);
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const Weighted& a, const Weighted& b) { return a.weight > b.weight; });
  const int least = static_cast<int>(std::max(1.0, kFixShare * fixed.free_groups()));
  int count = 0;
  for (const Weighted& group : chosen) {
    if (count >= least && group.weight < kCertain) break;
    for (double copies = std::max(1.0, group.weight + 1 - kCertain); copies >= 1 && fixed.fits(group.types);
         --copies) {
      fixed.fix(group.types);
      ++count;
    }
  }
  return count > 0;
}

}  // namespace

bool dive_in_relaxation(SegmentRelaxation& relaxation, const std::vector<std::uint32_t>& subset, double noise,
                        Rng& rng) {
  RestrictedMaster& master = relaxation.master();
  const auto end = [&](bool improved) {
    master.open_where([](const std::uint16_t*) { return true; });
    return improved;
  };
  Fixed fixed(relaxation.columns());
  std::vector<std::uint32_t> left = subset;
  LpEngine::Method method = LpEngine::Method::kPrimal;
  for (;;) {
    const PoolBound bound = solve_pool(master, relaxation.columns(), relaxation.pool(), left,
                                       relaxation.goal(), method, relaxation.search());
    if (bound.state != PoolBound::State::kOptimal || master.is_short()) return end(false);
    if (!fix_some(fixed, master.chosen(), noise, rng)) return end(false);
    if (fixed.free_groups() == 0) return end(relaxation.offer(fixed.groups()));
    // Groups that are fixed stay open as long as their columns are used by nothing else: they cover them.
    const auto allowed = [&](const std::uint16_t* types) { return fixed.fits(types) || fixed.holds(types); };
    std::erase_if(left, [&](std::uint32_t g) { return !allowed(relaxation.pool().types(g)); });
    master.open_where(allowed);
    method = LpEngine::Method::kDual;
  }
}

}  // namespace nmperm
