#include "solvers/relaxation_dive.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "heuristics/assignment_descent.h"
#include "heuristics/partition_dive.h"

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

/// Gives the dives the groups that the relaxation says are best.
void add_pool(SegmentRelaxation& relaxation) {
  constexpr std::size_t kGroups = 40;  // per column
  const GroupList& pool = relaxation.pool();
  const IntegerColumns& columns = relaxation.columns();
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t g = 0; g < pool.size(); ++g) {
    order.emplace_back(pool.reduced(g, relaxation.duals().data()), g);
  }
  const std::size_t most = std::min(order.size(), kGroups * static_cast<std::size_t>(columns.columns()));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end());
  std::vector<int> group(static_cast<std::size_t>(pool.group_size()));
  for (std::size_t k = 0; k < most; ++k) {
    const std::uint16_t* const types = pool.types(order[k].second);
    for (std::size_t i = 0; i < group.size(); ++i) group[i] = columns.members(types[i]).front();
    relaxation.entropic_dive().add(group);
  }
}

}  // namespace

void dive_entropically(SegmentRelaxation& relaxation, std::int64_t dives, double end_s) {
  PartitionDive& dive = relaxation.entropic_dive();
  if (!dive.can_improve()) return;
  add_pool(relaxation);
  dive.offer(relaxation.incumbent());
  Search& search = relaxation.search();
  const Segments& segments = search.problem().segments();
  AssignmentDescent descent(search, relaxation.bytes(), search.threads());
  Rng rng = search.rng(static_cast<std::uint64_t>(relaxation.segment()) + 2000);
  const auto offer_best = [&] { relaxation.offer(relaxation.columns().types_of(dive.columns())); };
  for (std::int64_t n = 0; n < dives && !relaxation.is_closed(); ++n) {
    if (search.should_stop() || search.elapsed_s() >= end_s) return;
    dive.dive(DivePace(search), share_of_dive(n, rng), offer_best);
    if (segments.count() > 1) continue;  // a round of assignments would go through all of them
    Incumbent end{dive.last(), 0};
    descent.polish(end, rng);
    if (dive.offer(end.permutation)) offer_best();
  }
}

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
