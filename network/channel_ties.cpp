#include "network/channel_ties.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "core/error.h"

namespace nmperm {
namespace {

/// One class in an order that two classes share exactly where they may trade places, with the text that says
/// so: equal texts are a one-to-one map that keeps places, marks and ties.
struct OrderedClass {
  std::vector<int> atoms;
  std::vector<int> text;
};

/// Items of a list by atom: positions begin[atom] .. begin[atom + 1] of the sorted list.
template <typename Item>
std::vector<std::size_t> starts_by_atom(const std::vector<Item>& sorted, std::size_t atoms) {
  std::vector<std::size_t> starts(atoms + 1, 0);
  for (const Item& item : sorted) ++starts[static_cast<std::size_t>(item.from) + 1];
  for (std::size_t a = 0; a < atoms; ++a) starts[a + 1] += starts[a];
  return starts;
}

/// The atom that begins the order: alone of its place in the class where any is, else of the rarest place.
int root_of(const std::vector<int>& members, const std::vector<int>& places) {
  std::map<int, std::pair<int, int>> counts;  // place: how many, the first
  for (const int atom : members) {
    auto& entry = counts.emplace(places[static_cast<std::size_t>(atom)], std::pair(0, atom)).first->second;
    ++entry.first;
  }
  std::pair<int, int> best = counts.begin()->second;
  for (const auto& [place, entry] : counts) {
    if (entry.first < best.first) best = entry;
  }
  return best.second;
}

}  // namespace

std::size_t ChannelTies::KindHash::operator()(const std::vector<std::int64_t>& key) const {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const std::int64_t part : key) {
    hash = (hash ^ static_cast<std::uint64_t>(part)) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

int ChannelTies::add_atoms(int place, std::int64_t count) {
  const auto first = static_cast<std::int64_t>(places_.size());
  if (count > std::numeric_limits<int>::max() - first) throw InternalError("too many channels");
  places_.insert(places_.end(), static_cast<std::size_t>(count), place);
  for (std::int64_t i = 0; i < count; ++i) parents_.push_back(static_cast<int>(first + i));
  reasons_.insert(reasons_.end(), static_cast<std::size_t>(count), -1);
  touched_.insert(touched_.end(), static_cast<std::size_t>(count), -1);
  return static_cast<int>(first);
}

int ChannelTies::add_hubs(std::int64_t count) {
  return add_atoms(kNoPlace - ++hub_sets_, count);
}

int ChannelTies::kind(const std::vector<std::int64_t>& key) {
  return kinds_.emplace(key, static_cast<int>(kinds_.size()) + 1).first->second;
}

int ChannelTies::slot(int parent, int node, std::int64_t offset) {
  return kind({-1, parent, node, offset});
}

int ChannelTies::find(int atom) const {
  int root = atom;
  while (parents_[static_cast<std::size_t>(root)] != root) root = parents_[static_cast<std::size_t>(root)];
  while (parents_[static_cast<std::size_t>(atom)] != root) {
    atom = std::exchange(parents_[static_cast<std::size_t>(atom)], root);
  }
  return root;
}

void ChannelTies::tie(Label a, Label b, int node, int port_a, int port_b, std::int64_t position) {
  touched_[static_cast<std::size_t>(a.atom)] = touched_[static_cast<std::size_t>(b.atom)] = node;
  if (a == b) {  // read all the same: channels that are not read here must not take its place
    mark(a, node, port_a * 64 + port_b, position);
    return;
  }
  ties_.push_back({a.atom, b.atom, kind({node, port_a, port_b, a.slot, b.slot, position})});
  ties_.push_back({b.atom, a.atom, kind({node, -1 - port_b, -1 - port_a, b.slot, a.slot, position})});
  const int root_a = find(a.atom), root_b = find(b.atom);
  if (root_a == root_b) return;
  const int root = std::min(root_a, root_b), other = std::max(root_a, root_b);
  parents_[static_cast<std::size_t>(other)] = root;
  int& reason = reasons_[static_cast<std::size_t>(root)];
  if (reason < 0) reason = reasons_[static_cast<std::size_t>(other)];
}

void ChannelTies::mark(Label label, int node, int port, std::int64_t position) {
  touched_[static_cast<std::size_t>(label.atom)] = node;
  marks_.push_back({label.atom, 0, kind({-2, node, port, label.slot, position})});
}

void ChannelTies::belong(Label label, int hub, int node, int port) {
  touched_[static_cast<std::size_t>(label.atom)] = touched_[static_cast<std::size_t>(hub)] = node;
  memberships_.push_back({label.atom, hub, kind({-3, node, port, label.slot})});
}

void ChannelTies::pin(int atom, const std::string& reason) {
  int& id = reasons_[static_cast<std::size_t>(find(atom))];
  if (id >= 0) return;
  const auto [found, fresh] = reason_ids_.emplace(reason, static_cast<int>(reason_texts_.size()));
  if (fresh) reason_texts_.push_back(reason);
  id = found->second;
}

const std::string* ChannelTies::pinned(int atom) const {
  const int reason = reasons_[static_cast<std::size_t>(find(atom))];
  return reason < 0 ? nullptr : &reason_texts_[static_cast<std::size_t>(reason)];
}

std::vector<int> ChannelTies::class_of(int atom) const {
  const int root = find(atom);
  std::vector<int> members;
  for (int other = 0; other < atom_count(); ++other) {
    if (find(other) == root) members.push_back(other);
  }
  return members;
}

std::vector<TradingClasses> ChannelTies::trading_classes() const {
  std::vector<int> roots(places_.size());
  std::vector<bool> with_hub(places_.size(), false);
  for (int atom = 0; atom < atom_count(); ++atom) {
    const int root = roots[static_cast<std::size_t>(atom)] = find(atom);
    if (is_hub(atom) || pinned(atom) != nullptr) with_hub[static_cast<std::size_t>(root)] = true;
  }
  for (int& root : roots) root = with_hub[static_cast<std::size_t>(root)] ? -1 : root;
  std::vector<Tie> marks = marks_;
  marks.insert(marks.end(), memberships_.begin(), memberships_.end());
  return alike(roots, ties_, std::move(marks));
}

std::vector<TradingClasses> ChannelTies::trading_groups() const {
  std::vector<int> roots(places_.size());
  for (int atom = 0; atom < atom_count(); ++atom) roots[static_cast<std::size_t>(atom)] = find(atom);
  const auto root_of_atom = [&](int atom) {  // of the component: roots point to roots
    int root = atom;
    while (roots[static_cast<std::size_t>(root)] != root) root = roots[static_cast<std::size_t>(root)];
    roots[static_cast<std::size_t>(atom)] = root;
    return root;
  };
  std::vector<Tie> ties = ties_;
  for (const Tie& membership : memberships_) {
    const int a = root_of_atom(membership.from), b = root_of_atom(membership.to);
    roots[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
    ties.push_back(membership);
    ties.push_back({membership.to, membership.from, -membership.kind});
  }
  std::vector<bool> movable(places_.size(), false), stays(places_.size(), false);
  for (int atom = 0; atom < atom_count(); ++atom) {
    const auto root = static_cast<std::size_t>(root_of_atom(atom));
    if (is_hub(atom)) movable[root] = true;
    if (pinned(atom) != nullptr) stays[root] = true;
  }
  for (int atom = 0; atom < atom_count(); ++atom) (void)root_of_atom(atom);
  for (int& root : roots) {
    const auto at = static_cast<std::size_t>(root);
    if (!movable[at] || stays[at]) root = -1;
  }
  return alike(roots, std::move(ties), marks_);
}

std::vector<TradingClasses> ChannelTies::alike(const std::vector<int>& roots, std::vector<Tie> ties,
                                               std::vector<Tie> marks) const {
  const auto by_kind = [](const Tie& a, const Tie& b) {
    return std::tie(a.from, a.kind, a.to) < std::tie(b.from, b.kind, b.to);
  };
  const auto same = [](const Tie& a, const Tie& b) {
    return a.from == b.from && a.kind == b.kind && a.to == b.to;
  };
  for (std::vector<Tie>* const list : {&ties, &marks}) {
    std::sort(list->begin(), list->end(), by_kind);
    list->erase(std::unique(list->begin(), list->end(), same), list->end());
  }
  const auto tie_starts = starts_by_atom(ties, places_.size());
  const auto mark_starts = starts_by_atom(marks, places_.size());

  std::map<int, std::vector<int>> members;  // by root, which is the least atom
  for (int atom = 0; atom < atom_count(); ++atom) {
    const int root = roots[static_cast<std::size_t>(atom)];
    if (root >= 0) members[root].push_back(atom);
  }
  std::vector<int> order_of(places_.size(), -1);
  const auto ordered = [&](const std::vector<int>& atoms) {
    OrderedClass result;
    const auto visit = [&](int atom) {
      int& order = order_of[static_cast<std::size_t>(atom)];
      if (order >= 0) return;
      order = static_cast<int>(result.atoms.size());
      result.atoms.push_back(atom);
    };
    visit(root_of(atoms, places_));
    for (std::size_t i = 0; i < result.atoms.size();
         ++i) {  // breadth first, ties in the order of their kinds
      const auto atom = static_cast<std::size_t>(result.atoms[i]);
      result.text.push_back(places_[atom]);
      result.text.push_back(static_cast<int>(mark_starts[atom + 1] - mark_starts[atom]));
      for (std::size_t m = mark_starts[atom]; m < mark_starts[atom + 1]; ++m) {
        result.text.push_back(marks[m].kind);
        result.text.push_back(marks[m].to);
      }
      result.text.push_back(static_cast<int>(tie_starts[atom + 1] - tie_starts[atom]));
      for (std::size_t t = tie_starts[atom]; t < tie_starts[atom + 1]; ++t) {
        visit(ties[t].to);
        result.text.push_back(ties[t].kind);
        result.text.push_back(order_of[static_cast<std::size_t>(ties[t].to)]);
      }
    }
    return result;
  };

  std::map<std::vector<int>, std::size_t> set_of_text;
  std::vector<TradingClasses> sets;
  for (const auto& [root, atoms] : members) {
    OrderedClass one = ordered(atoms);
    const auto [found, fresh] = set_of_text.emplace(std::move(one.text), sets.size());
    if (fresh) sets.emplace_back().roles.resize(one.atoms.size());
    TradingClasses& set = sets[found->second];
    for (std::size_t r = 0; r < one.atoms.size(); ++r) set.roles[r].push_back(one.atoms[r]);
  }
  std::erase_if(sets, [](const TradingClasses& set) { return set.channels() < 2; });
  return sets;
}

}  // namespace nmperm
