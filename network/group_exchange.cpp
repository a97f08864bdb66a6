#include "network/group_exchange.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <utility>

#include "core/rng.h"
#include "network/column_orders.h"

namespace nmperm {
namespace {

/// Beginnings without a gain after which a search ends.
constexpr int kPatience = 200;
/// The share of the network's time that whole groups may take.
constexpr double kTimeShare = 0.25;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Two things that trade places in every weight: the columns that they are.
using Exchange = std::vector<ColumnPair>;

/// The search of one set.
class GroupSearch {
 public:
  GroupSearch(const OnnxModel& model, const NetworkPlan& plan, const GroupSet& set,
              const NetworkSearch& search, const std::vector<int>& moved)
      : plan_(plan), set_(set), search_(search), columns_(model, plan, set, search.scoring, moved) {
    order_ = identity_permutation(set.groups());
    for (const int role : set.consumer_roles) {
      const auto& atoms = set.classes->roles[static_cast<std::size_t>(role)];
      for (std::size_t g = 0; g < atoms.size(); ++g)
        home_.emplace(atoms[g], std::pair(role, static_cast<int>(g)));
    }
    for (const PermutableSet& inner : plan.sets) add_inner(inner);
  }

  /// False where an exchange of whole groups would change the order of columns inside of a block.
  bool possible() const {
    for (const int role : set_.consumer_roles) {
      const auto& atoms = set_.classes->roles[static_cast<std::size_t>(role)];
      const int place = plan_.coupling.place_of(atoms.front());
      if (plan_.coupling.places[static_cast<std::size_t>(place)].outer_count <= 1) continue;
      const std::int64_t index = position_of(plan_.coupling, place, atoms.front()).index;
      for (const int atom : atoms) {
        if (position_of(plan_.coupling, place, atom).index != index) return false;
      }
    }
    return true;
  }

  /// Appends the orders that were found.
  GroupResult run(std::uint64_t stream, double time_s, std::vector<ChannelOrder>& orders) {
    const auto begin = Clock::now();
    time_s_ = time_s;
    begin_ = begin;
    GroupResult result;
    result.searched = true;
    result.magnitude = columns_.magnitude();
    const State start = state();
    climb();
    State best = state();
    Rng rng(search_.parameters.seed, stream);
    int idle = 0;
    for (std::int64_t i = 0; idle < kPatience && i < search_.parameters.limits.iterations && !stopped();
         ++i) {
      shake(rng);
      climb();
      const bool better = columns_.state().kept > best.columns.kept * (1 + 1e-9);
      idle = better ? 0 : idle + 1;
      if (better) {
        best = state();
      } else {
        restore(best);
      }
    }
    double kept = columns_.exact_kept();
    if (!(kept > result.magnitude.kept)) {
      restore(start);
      kept = result.magnitude.kept;
    }
    result.magnitude.kept = kept;
    result.permutation = order_;
    for (const Inner& inner : inner_) orders.push_back({inner.set->classes, inner.order});
    orders.push_back({set_.classes, order_});
    result.seconds = seconds_since(begin);
    return result;
  }

 private:
  /// Channels inside of one whole group that trade places, some of them beside other groups' columns.
  struct Inner {
    const PermutableSet* set;
    Permutation order;
  };

  struct State {
    ColumnOrders::State columns;
    Permutation order;
    std::vector<Permutation> inner;
  };

  State state() const {
    State now{columns_.state(), order_, {}};
    for (const Inner& inner : inner_) now.inner.push_back(inner.order);
    return now;
  }
  void restore(const State& old) {
    columns_.restore(old.columns);
    order_ = old.order;
    for (std::size_t i = 0; i < inner_.size(); ++i) inner_[i].order = old.inner[i];
  }

  void add_inner(const PermutableSet& inner) {
    if (static_cast<int>(inner.columns.size()) == inner.channels()) return;
    const auto& roles = inner.classes->roles;
    const bool ours = std::all_of(inner.consumer_roles.begin(), inner.consumer_roles.end(), [&](int role) {
      const auto& atoms = roles[static_cast<std::size_t>(role)];
      return std::all_of(atoms.begin(), atoms.end(), [&](int atom) { return home_.count(atom) > 0; });
    });
    if (ours) inner_.push_back({&inner, identity_permutation(inner.channels())});
  }

  bool stopped() const {
    const std::atomic<bool>* const interrupt = search_.parameters.interrupt;
    return (interrupt != nullptr && interrupt->load()) || seconds_since(begin_) >= time_s_;
  }

  /// Slots s and t of whole groups.
  Exchange groups(int s, int t) const {
    Exchange exchange;
    for (const int role : set_.consumer_roles) {
      const auto& atoms = set_.classes->roles[static_cast<std::size_t>(role)];
      columns_.add_pair(atoms[static_cast<std::size_t>(s)], atoms[static_cast<std::size_t>(t)], exchange);
    }
    return exchange;
  }

  /// Channels i and j of an inner set, where their group stands now; blocks stay with their groups.
  Exchange channels(const Inner& inner, int i, int j) const {
    Exchange exchange;
    for (const int role : inner.set->consumer_roles) {
      const auto& atoms = inner.set->classes->roles[static_cast<std::size_t>(role)];
      const int a = atoms[static_cast<std::size_t>(i)], b = atoms[static_cast<std::size_t>(j)];
      if (columns_.in_blocks(a)) {
        columns_.add_block_pair(a, b, exchange);
      } else {
        columns_.add_pair(at_present(a), at_present(b), exchange);
      }
    }
    return exchange;
  }

  /// The atom whose place an atom's group has now.
  int at_present(int atom) const {
    const auto [role, group] = home_.at(atom);
    return set_.classes->roles[static_cast<std::size_t>(role)][static_cast<std::size_t>(slot_of(group))];
  }
  int slot_of(int group) const {
    return static_cast<int>(std::find(order_.begin(), order_.end(), group) - order_.begin());
  }

  /// Takes every exchange that helps until none does.
  void climb() {
    const auto at = [](int i) { return static_cast<std::size_t>(i); };
    for (bool improved = true; improved && !stopped();) {
      improved = false;
      for (int s = 0; s < set_.groups() && !stopped(); ++s) {
        for (int t = s + 1; t < set_.groups(); ++t) {
          if (!columns_.improve(groups(s, t))) continue;
          std::swap(order_[at(s)], order_[at(t)]);
          improved = true;
        }
      }
      for (Inner& inner : inner_) {
        for (int i = 0; i < inner.set->channels() && !stopped(); ++i) {
          for (int j = i + 1; j < inner.set->channels(); ++j) {
            if (!columns_.improve(channels(inner, i, j))) continue;
            std::swap(inner.order[at(i)], inner.order[at(j)]);
            improved = true;
          }
        }
      }
    }
  }

  /// Some random exchanges of whole groups.
  void shake(Rng& rng) {
    const int count = 2 + rng.below(3);
    for (int k = 0; k < count; ++k) {
      const int s = rng.below(set_.groups()), t = rng.below(set_.groups());
      if (s == t) continue;
      columns_.exchange(groups(s, t));
      std::swap(order_[static_cast<std::size_t>(s)], order_[static_cast<std::size_t>(t)]);
    }
  }

  const NetworkPlan& plan_;
  const GroupSet& set_;
  const NetworkSearch& search_;
  ColumnOrders columns_;
  Permutation order_;  // slot: the whole group there
  std::vector<Inner> inner_;
  std::map<int, std::pair<int, int>> home_;  // of each consumer's atom: its role and whole group
  Clock::time_point begin_;
  double time_s_ = 0;
};

}  // namespace

GroupExchange exchange_groups(const OnnxModel& model, const NetworkPlan& plan, const NetworkSearch& search) {
  const auto begin = Clock::now();
  const double time_s = kTimeShare * search.parameters.limits.time_s;
  GroupExchange found;
  auto left = std::count_if(plan.group_sets.begin(), plan.group_sets.end(),
                            [](const GroupSet& set) { return set.straddles; });
  for (std::size_t s = 0; s < plan.group_sets.size(); ++s) {
    const GroupSet& set = plan.group_sets[s];
    GroupResult result;
    result.permutation = identity_permutation(set.groups());
    if (set.straddles) {
      GroupSearch one(model, plan, set, search, moved_atoms(plan.coupling, found.orders));
      const double share_s = std::max(0.0, time_s - seconds_since(begin)) / static_cast<double>(left--);
      if (one.possible()) result = one.run(s, share_s, found.orders);
    }
    found.results.push_back(std::move(result));
  }
  return found;
}

}  // namespace nmperm
