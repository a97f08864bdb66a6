#include "instances/certificate_tree.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/error.h"
#include "instances/certificate_scan.h"

namespace nmperm {
namespace {

using Node = Certificate::Node;
__extension__ typedef __int128 Wide;  // sums over columns may leave 64 bits

constexpr std::int64_t kFar = std::int64_t{1} << 60;
constexpr std::int64_t kUncovered = std::int64_t{1} << 61;

std::int64_t clamped(Wide value) {
  return static_cast<std::int64_t>(std::clamp<Wide>(value, -kFar, kFar));
}

/// What duals prove. A group's reduced cost is what it prunes minus its duals, and `least` the least of a
/// class. A partition prunes the sum of all duals plus the reduced costs of its groups; each column has a
/// share of 1/M in the reduced cost of its group, which is at least the least of its class.
class RepairedDuals {
 public:
  RepairedDuals(const CertificateColumns& columns, std::vector<std::int64_t> duals,
                const std::vector<std::int64_t>& least)
      : duals_(std::move(duals)) {
    const int m = columns.pattern().group;
    Wide sum = 0, deficit = 0, repaired_sum = 0;
    for (std::size_t c = 0; c < duals_.size(); ++c) {
      const std::int64_t below_zero = std::max<std::int64_t>(0, -least[c]);
      sum += static_cast<Wide>(duals_[c]) * columns.size_of(c);
      deficit += static_cast<Wide>(below_zero) * columns.size_of(c);
      duals_[c] -= (below_zero + m - 1) / m;
      repaired_sum += static_cast<Wide>(duals_[c]) * columns.size_of(c);
    }
    changed_ = deficit > 0;
    bound_ = clamped(sum - deficit / m);
    sum_ = clamped(repaired_sum);
  }

  /// One a class, lowered until no group's reduced cost is negative.
  const std::vector<std::int64_t>& duals() const { return duals_; }
  bool changed() const { return changed_; }
  /// Sum over all columns.
  std::int64_t sum() const { return sum_; }
  /// No partition prunes less: `sum`, less rounding of the repair.
  std::int64_t bound() const { return bound_; }

 private:
  std::vector<std::int64_t> duals_;
  bool changed_;
  std::int64_t sum_, bound_;
};

/// The shape of the tree: every node's children, once it is known to be well formed.
class Shape {
 public:
  Shape(const CertificateColumns& columns, const std::vector<Node>& nodes, const std::string& subject,
        const std::string& place)
      : columns_(columns), nodes_(nodes), subject_(subject), place_(place), children_(nodes.size()) {
    if (nodes.front().parent != -1) fail(0, "the first node has a parent", "the root");
    for (std::size_t i = 1; i < nodes.size(); ++i) adopt(i);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (children_[i].size() == 1) {
        fail(i, "has one child, so that some partitions are in no leaf", "two children or none");
      }
    }
  }

  const std::vector<std::size_t>& children(std::size_t node) const { return children_[node]; }

  [[noreturn]] void fail(std::size_t node, const std::string& problem, const std::string& expected) const {
    throw CheckError(subject_, place_ + ".nodes[" + std::to_string(node) + "]", problem, expected);
  }

 private:
  void adopt(std::size_t i) {
    const Node& node = nodes_[i];
    if (node.parent < 0 || static_cast<std::size_t>(node.parent) >= i) {
      fail(i, "has parent " + std::to_string(node.parent), "an earlier node");
    }
    check_pair(i);
    auto& siblings = children_[static_cast<std::size_t>(node.parent)];
    siblings.push_back(i);
    if (siblings.size() == 1) return;
    if (siblings.size() > 2) fail(i, "is a third child of its parent", "two children or none");
    const Node& sibling = nodes_[siblings.front()];
    if (node.single != sibling.single || node.other != sibling.other || node.together == sibling.together) {
      fail(i, "does not complement its sibling, node " + std::to_string(siblings.front()),
           "the same pair, and the opposite decision");
    }
  }

  void check_pair(std::size_t i) const {
    for (const int column : {nodes_[i].single, nodes_[i].other}) {
      if (!columns_.contains(column)) {
        fail(i, "decides about column " + std::to_string(column), "a column of the segment");
      }
    }
    if (nodes_[i].single == nodes_[i].other) fail(i, "pairs a column with itself", "two columns");
    if (columns_.size_of(columns_.class_of(nodes_[i].single)) > 1) {
      fail(i, "column " + std::to_string(nodes_[i].single) + " has an equal one", "a 'single' without");
    }
  }

  const CertificateColumns& columns_;
  const std::vector<Node>& nodes_;
  const std::string& subject_;
  const std::string& place_;
  std::vector<std::vector<std::size_t>> children_;
};

class TreeCheck {
 public:
  TreeCheck(const CertificateColumns& columns, const Certificate::Segment& proof, const std::string& subject,
            const std::string& place)
      : columns_(columns), proof_(proof), subject_(subject), shape_(columns, proof.nodes, subject, place) {}

  void run(int threads) {
    check_root(threads);
    // Depth first: the groups of a node are the first ones of its parent's, which its subtree only reorders.
    while (!open_.empty()) {
      const Open open = open_.back();
      open_.pop_back();
      check_node(open);
    }
  }

 private:
  struct Open {
    std::size_t node;
    std::size_t groups;  // of the parent
    std::int64_t bound;  // of the parent
  };

  void check_root(int threads) {
    std::vector<std::int64_t> duals = duals_of(0);
    const bool is_leaf = shape_.children(0).empty();
    const auto scan = [&](const std::vector<std::int64_t>& by) {
      Wide sum = 0;
      for (std::size_t c = 0; c < by.size(); ++c) sum += static_cast<Wide>(by[c]) * columns_.size_of(c);
      return scan_certificate_groups(columns_, by, is_leaf ? -kFar : clamped(proof_.pruned - sum), threads,
                                     subject_);
    };
    CertificateScan found = scan(duals);
    const RepairedDuals repaired(columns_, std::move(duals), found.least);
    const std::int64_t bound = std::max(columns_.row_bound_pruned(), repaired.bound());
    if (is_closed(0, bound)) return;
    if (repaired.changed()) found = scan(repaired.duals());
    groups_ = std::move(found.below);
    descend(0, groups_.size(), bound);
  }

  void check_node(const Open& open) {
    const std::size_t allowed = keep_allowed(proof_.nodes[open.node], open.groups);
    std::vector<std::int64_t> duals = duals_of(open.node);
    const std::vector<std::int64_t> least = least_reduced_costs(duals, allowed);
    // A column that no group holds: the node has no partition that prunes less than is claimed.
    if (std::find(least.begin(), least.end(), kUncovered) != least.end()) return;
    const RepairedDuals repaired(columns_, std::move(duals), least);
    const std::int64_t bound = std::max(open.bound, repaired.bound());
    if (is_closed(open.node, bound)) return;
    descend(open.node, keep_promising(repaired, allowed), bound);
  }

  bool is_closed(std::size_t node, std::int64_t bound) const {
    if (bound >= proof_.pruned) return true;
    if (shape_.children(node).empty()) {
      shape_.fail(node, "a leaf that proves " + std::to_string(bound),
                  "the claimed " + std::to_string(proof_.pruned) + " or more");
    }
    return false;
  }

  void descend(std::size_t node, std::size_t groups, std::int64_t bound) {
    for (const std::size_t child : shape_.children(node)) open_.push_back({child, groups, bound});
  }

  /// The duals of a node for each class; zeros, which prove nothing, where it has none.
  std::vector<std::int64_t> duals_of(std::size_t i) const;
  std::vector<std::int64_t> least_reduced_costs(const std::vector<std::int64_t>& duals,
                                                std::size_t groups) const;
  /// Both move the groups that are kept before the others and return how many they are.
  std::size_t keep_allowed(const Node& node, std::size_t groups);
  std::size_t keep_promising(const RepairedDuals& duals, std::size_t groups);

  std::int64_t reduced_cost(std::size_t g, const std::vector<std::int64_t>& duals) const {
    const std::uint16_t* const classes = groups_.of(g);
    std::int64_t cost = groups_.pruned[g];
    for (std::size_t k = 0; k < groups_.group; ++k) cost -= duals[classes[k]];
    return cost;
  }

  const CertificateColumns& columns_;
  const Certificate::Segment& proof_;
  const std::string& subject_;
  Shape shape_;
  ListedGroups groups_;
  std::vector<Open> open_;
};

std::vector<std::int64_t> TreeCheck::duals_of(std::size_t i) const {
  const std::vector<std::int64_t>& of_columns = proof_.nodes[i].duals;
  std::vector<std::int64_t> duals(columns_.classes(), 0);
  if (of_columns.empty()) return duals;
  if (of_columns.size() != static_cast<std::size_t>(columns_.columns())) {
    shape_.fail(i, "has " + std::to_string(of_columns.size()) + " duals",
                "one for each of the " + std::to_string(columns_.columns()) + " columns, or none");
  }
  const std::int64_t most =
      std::min((std::int64_t{1} << 53) - 1, (std::int64_t{1} << 58) / columns_.pattern().group);
  std::vector<bool> known(duals.size(), false);
  for (std::size_t k = 0; k < of_columns.size(); ++k) {
    const std::size_t c = columns_.class_of(columns_.begin() + static_cast<int>(k));
    if (of_columns[k] > most || of_columns[k] < -most) {
      shape_.fail(i, "dual " + std::to_string(k) + " is " + std::to_string(of_columns[k]),
                  "at most " + std::to_string(most) + " in size");
    }
    if (known[c] && duals[c] != of_columns[k]) {
      shape_.fail(i, "dual " + std::to_string(k) + " differs from that of an equal column", "equal duals");
    }
    known[c] = true;
    duals[c] = of_columns[k];
  }
  return duals;
}

std::vector<std::int64_t> TreeCheck::least_reduced_costs(const std::vector<std::int64_t>& duals,
                                                         std::size_t groups) const {
  std::vector<std::int64_t> least(columns_.classes(), kUncovered);
  for (std::size_t g = 0; g < groups; ++g) {
    const std::int64_t cost = reduced_cost(g, duals);
    const std::uint16_t* const classes = groups_.of(g);
    for (std::size_t k = 0; k < groups_.group; ++k) least[classes[k]] = std::min(least[classes[k]], cost);
  }
  return least;
}

std::size_t TreeCheck::keep_allowed(const Node& node, std::size_t groups) {
  const std::size_t single = columns_.class_of(node.single);
  const std::size_t other = columns_.class_of(node.other);
  const bool other_is_single = columns_.size_of(other) == 1;
  const auto allowed = [&](std::size_t g) {
    const std::uint16_t *const begin = groups_.of(g), *const end = begin + groups_.group;
    const bool has_single = std::find(begin, end, single) != end;
    const bool has_other = std::find(begin, end, other) != end;
    if (!node.together) return !(has_single && has_other);
    return has_single ? has_other : !(has_other && other_is_single);
  };
  std::size_t kept = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    if (allowed(g)) groups_.swap(kept++, g);
  }
  return kept;
}

std::size_t TreeCheck::keep_promising(const RepairedDuals& duals, std::size_t groups) {
  const std::int64_t limit = clamped(static_cast<Wide>(proof_.pruned) - duals.sum());
  std::size_t kept = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    if (reduced_cost(g, duals.duals()) < limit) groups_.swap(kept++, g);
  }
  return kept;
}

}  // namespace

void check_certificate_tree(const CertificateColumns& columns, const Certificate::Segment& proof, int threads,
                            const std::string& subject, const std::string& place) {
  TreeCheck(columns, proof, subject, place).run(threads);
}

}  // namespace nmperm
