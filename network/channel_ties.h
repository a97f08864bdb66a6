// Which channels must move together, and which may trade places.
//
// An *atom* is one index of one axis of a stored constant: row 17 of a weight. Operations tie atoms to each
// other: the output channel that a convolution's row 17 makes to column 17 of the next weight. Ties have a
// *kind* (which operation, which inputs, which position inside a block of channels); atoms that ties connect
// form a class and move as one. Two classes may trade places when a one-to-one map between them keeps the
// places of the atoms and every tie with its kind; then exchanging them in all constants at once leaves the
// function of the network as it is.
//
// A *hub* is a virtual atom: a group of a grouped convolution, a head. Elements *belong* to it. While the hub
// stays, only elements of one hub trade. Where a whole component of classes that hubs join maps to another in
// the same way, these trade as wholes: whole groups, whole heads.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace nmperm {

/// An element of an axis of a tensor that flows: the atom that it moves with, and which of several elements
/// that move with this atom it is (0, or a slot made by ChannelTies::slot()).
struct Label {
  int atom = 0;
  int slot = 0;
  bool operator==(const Label&) const = default;
};

/// Channels that may trade places in any way. `roles[r][i]` = atom of channel i that plays role r; the first
/// role orders the channels.
struct TradingClasses {
  std::vector<std::vector<int>> roles;
  std::size_t channels() const { return roles.front().size(); }
};

class ChannelTies {
 public:
  /// The place of virtual atoms that are no hubs.
  static constexpr int kNoPlace = -1;

  /// `count` atoms of one place (an axis of a constant); classes never map atoms of one place to another.
  /// Returns the first. Throws InternalError beyond 2^31 atoms.
  int add_atoms(int place, std::int64_t count);
  int atom_count() const { return static_cast<int>(places_.size()); }
  int place(int atom) const { return places_[static_cast<std::size_t>(atom)]; }

  /// `count` hubs that are alike. Returns the first.
  int add_hubs(std::int64_t count);
  bool is_hub(int atom) const { return place(atom) < kNoPlace; }

  /// The slot of element `offset` of the block that node `node` makes of `parent`.
  int slot(int parent, int node, std::int64_t offset);

  /// Ties two elements: `node` reads one from its input `port_a` and the other from `port_b`; `position`
  /// tells ties of the same pair of ports apart that must not be exchanged for each other (a head, a group).
  void tie(Label a, Label b, int node, int port_a, int port_b, std::int64_t position = 0);
  /// Records that `node` reads the element at `position`: classes read at different positions do not trade.
  void mark(Label label, int node, int port, std::int64_t position = 0);
  /// Records that the element belongs to a hub, as `node` uses its input `port`.
  void belong(Label label, int hub, int node, int port);
  /// The atom, and all that is tied to it, stays where it is. The first reason is kept.
  void pin(int atom, const std::string& reason);

  /// Whether the last tie or mark of the atom is of this node, or it is pinned.
  bool accounted(int atom, int node) const {
    return touched_[static_cast<std::size_t>(atom)] == node || pinned(atom) != nullptr;
  }
  /// Null where the atom's class may move; otherwise why not.
  const std::string* pinned(int atom) const;

  /// All atoms that move with this one, itself included, ascending. O(all atoms).
  std::vector<int> class_of(int atom) const;

  /// All sets of two and more channels that may trade places while all hubs stay, ordered by their first
  /// atom. O((A + T) log T) for A atoms and T ties.
  std::vector<TradingClasses> trading_classes() const;
  /// All sets of two and more whole groups that may trade places, each with all that hubs join to it: a
  /// "channel" is a whole group here. Groups are alike where the same order of their channels shows it, which
  /// is that of the file. Cost as above.
  std::vector<TradingClasses> trading_groups() const;

 private:
  struct Tie {
    int from, to, kind;
  };
  struct KindHash {
    std::size_t operator()(const std::vector<std::int64_t>& key) const;
  };
  int kind(const std::vector<std::int64_t>& key);
  int find(int atom) const;
  std::vector<TradingClasses> alike(const std::vector<int>& roots, std::vector<Tie> ties,
                                    std::vector<Tie> marks) const;

  std::vector<int> places_;
  mutable std::vector<int> parents_;
  std::vector<int> touched_;  // node of each atom's last tie or mark, or -1
  std::vector<int> reasons_;  // of each root: index into reason_texts_, or -1
  std::vector<std::string> reason_texts_;
  std::unordered_map<std::string, int> reason_ids_;
  std::vector<Tie> ties_;         // both directions
  std::vector<Tie> marks_;        // `to` unused
  std::vector<Tie> memberships_;  // `to` is a hub
  int hub_sets_ = 0;
  std::unordered_map<std::vector<std::int64_t>, int, KindHash> kinds_;
};

}  // namespace nmperm
