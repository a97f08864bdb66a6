// Makes certificates by the plainest means, for tests of their checker: all groups in a list, coordinate
// ascent for the duals, branching until nothing is open. For segments of a dozen columns.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <vector>

#include "core/certificate.h"
#include "core/problem.h"

namespace nmperm::testing {

/// A power of two that keeps the sum of the integer scores below 2^52.
inline double plain_scale(const Problem& problem) {
  const double total = problem.magnitude().total;
  return total > 0 ? std::ldexp(1.0, 51 - std::ilogb(total)) : 1;
}

/// The groups of a segment as sets of columns, with what is pruned from them in integers.
class PlainGroups {
 public:
  struct Group {
    std::vector<int> columns;  ///< counted in the segment
    std::int64_t pruned = 0;
  };

  PlainGroups(const Problem& problem, int segment, double scale) : pattern_(problem.pattern()) {
    const int first = problem.segments().begin(segment), end = problem.segments().end(segment);
    for (int c = first; c < end; ++c) {
      auto& column = integers_.emplace_back();
      for (int r = 0; r < problem.rows(); ++r) {
        const double exact = static_cast<double>(problem.scores().at(r, c)) * scale;
        column.push_back(static_cast<std::int64_t>(std::nearbyint(exact)));
      }
    }
    std::vector<int> chosen;
    choose(0, chosen);
  }

  const std::vector<Group>& all() const { return groups_; }
  int columns() const { return static_cast<int>(integers_.size()); }
  int group() const { return pattern_.group; }
  bool equal(int a, int b) const { return column(a) == column(b); }
  bool has_equal(int c) const { return std::count(integers_.begin(), integers_.end(), column(c)) > 1; }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (const auto& column : integers_)
      sum += std::accumulate(column.begin(), column.end(), std::int64_t{0});
    return sum;
  }
  std::int64_t row_bound_pruned() const {
    std::int64_t sum = 0;
    for (std::size_t r = 0; r < integers_.front().size(); ++r) {
      std::vector<int> all(integers_.size());
      std::iota(all.begin(), all.end(), 0);
      sum += pruned_of_row(r, all, columns() / pattern_.group * (pattern_.group - pattern_.keep));
    }
    return sum;
  }

  /// Least that any partition prunes: the optimum.
  std::int64_t least_pruned() const {
    std::map<std::vector<int>, std::int64_t> pruned_of;
    for (const Group& group : groups_) pruned_of[group.columns] = group.pruned;
    std::map<std::vector<int>, std::int64_t> best_of;
    const std::function<std::int64_t(const std::vector<int>&)> best = [&](const std::vector<int>& left) {
      if (left.empty()) return std::int64_t{0};
      const auto [at, is_new] = best_of.try_emplace(left, 0);
      if (!is_new) return at->second;
      std::int64_t least = INT64_MAX;
      for (const auto& [columns, pruned] : pruned_of) {
        if (columns.front() != left.front()) continue;
        if (!std::includes(left.begin(), left.end(), columns.begin(), columns.end())) continue;
        std::vector<int> rest;
        std::set_difference(left.begin(), left.end(), columns.begin(), columns.end(),
                            std::back_inserter(rest));
        least = std::min(least, pruned + best(rest));
      }
      return best_of[left] = least;
    };
    std::vector<int> all(integers_.size());
    std::iota(all.begin(), all.end(), 0);
    return best(all);
  }

 private:
  const std::vector<std::int64_t>& column(int c) const { return integers_[static_cast<std::size_t>(c)]; }

  std::int64_t pruned_of_row(std::size_t row, const std::vector<int>& columns, int count) const {
    std::vector<std::int64_t> scores;
    for (const int c : columns) scores.push_back(column(c)[row]);
    std::sort(scores.begin(), scores.end());
    return std::accumulate(scores.begin(), scores.begin() + count, std::int64_t{0});
  }

  void choose(int from, std::vector<int>& chosen) {
    if (static_cast<int>(chosen.size()) == pattern_.group) {
      Group group{chosen, 0};
      for (std::size_t r = 0; r < integers_.front().size(); ++r) {
        group.pruned += pruned_of_row(r, chosen, pattern_.group - pattern_.keep);
      }
      groups_.push_back(std::move(group));
      return;
    }
    const int missing = pattern_.group - static_cast<int>(chosen.size());
    for (int c = from; c + missing <= columns(); ++c) {
      chosen.push_back(c);
      choose(c + 1, chosen);
      chosen.pop_back();
    }
  }

  Pattern pattern_;
  std::vector<std::vector<std::int64_t>> integers_;
  std::vector<Group> groups_;
};

/// Proves what it claims, or leaves a leaf that does not.
class PlainProver {
 public:
  /// `first` is the segment's first column in the problem.
  PlainProver(const PlainGroups& groups, int first, std::int64_t claim)
      : groups_(groups), first_(first), claim_(claim) {}

  Certificate::Segment prove() {
    proof_.pruned = claim_;
    std::vector<const PlainGroups::Group*> list;
    for (const auto& group : groups_.all()) list.push_back(&group);
    proof_.nodes.emplace_back();
    expand(0, list);
    return proof_;
  }

 private:
  using List = std::vector<const PlainGroups::Group*>;
  struct Decision {
    int single, other;
    bool together;
  };

  std::int64_t reduced(const PlainGroups::Group& group, const std::vector<std::int64_t>& duals) const {
    std::int64_t cost = group.pruned;
    for (const int c : group.columns) cost -= duals[static_cast<std::size_t>(c)];
    return cost;
  }

  /// Raises the duals of one column (and all equal ones) after the other as far as no group's reduced cost
  /// becomes negative. Empty where a column is in no group: there is no partition then.
  std::vector<std::int64_t> ascent(const List& list, std::int64_t start_of_equal) const {
    std::vector<std::int64_t> duals(static_cast<std::size_t>(groups_.columns()), 0);
    for (int c = 0; c < groups_.columns(); ++c) {
      if (groups_.has_equal(c)) duals[static_cast<std::size_t>(c)] = start_of_equal;
    }
    for (int c = 0; c < groups_.columns(); ++c) {
      std::int64_t raise = INT64_MAX;
      for (const auto* group : list) {
        const auto equal = std::count_if(group->columns.begin(), group->columns.end(),
                                         [&](int other) { return groups_.equal(c, other); });
        if (equal > 0) raise = std::min(raise, reduced(*group, duals) / equal);
      }
      if (raise == INT64_MAX) return {};
      if (start_of_equal != 0 && groups_.has_equal(c)) continue;
      for (int other = 0; other < groups_.columns(); ++other) {
        if (groups_.equal(c, other)) duals[static_cast<std::size_t>(other)] += raise;
      }
    }
    return duals;
  }

  static std::int64_t sum_of(const std::vector<std::int64_t>& duals) {
    return std::accumulate(duals.begin(), duals.end(), std::int64_t{0});
  }

  /// The better of two. Low duals of equal columns prove that decisions ask for more of them than there are.
  std::vector<std::int64_t> best_duals(const List& list) const {
    const std::vector<std::int64_t> plain = ascent(list, 0), low = ascent(list, -groups_.total() / 8);
    return sum_of(low) > sum_of(plain) ? low : plain;
  }

  bool allows(const Decision& decision, const std::vector<int>& columns) const {
    const auto has = [&](int c) {
      return std::any_of(columns.begin(), columns.end(), [&](int other) { return groups_.equal(c, other); });
    };
    if (!decision.together) return !(has(decision.single) && has(decision.other));
    if (has(decision.single)) return has(decision.other);
    return groups_.has_equal(decision.other) || !has(decision.other);
  }

  void expand(std::size_t node, List list) {
    const std::vector<std::int64_t> duals = best_duals(list);
    proof_.nodes[node].duals = duals;
    if (duals.empty()) return;
    const std::int64_t sum = sum_of(duals);
    if (sum >= claim_) return;
    std::erase_if(list, [&](const auto* group) { return reduced(*group, duals) >= claim_ - sum; });
    for (int single = 0; single < groups_.columns(); ++single) {
      if (groups_.has_equal(single)) continue;
      for (int other = 0; other < groups_.columns(); ++other) {
        if (other != single && separates({single, other, true}, list)) {
          return branch(node, {single, other, true}, list);
        }
      }
    }
  }

  /// Whether both decisions leave out a group.
  bool separates(Decision decision, const List& list) const {
    const auto leaves_out = [&] {
      return std::any_of(list.begin(), list.end(),
                         [&](const auto* group) { return !allows(decision, group->columns); });
    };
    const bool together = leaves_out();
    decision.together = false;
    return together && leaves_out();
  }

  void branch(std::size_t parent, Decision decision, const List& list) {
    for (const bool together : {true, false}) {
      decision.together = together;
      Certificate::Node child;
      child.parent = static_cast<int>(parent);
      child.single = first_ + decision.single;
      child.other = first_ + decision.other;
      child.together = together;
      proof_.nodes.push_back(child);
      List allowed = list;
      std::erase_if(allowed, [&](const auto* group) { return !allows(decision, group->columns); });
      expand(proof_.nodes.size() - 1, std::move(allowed));
    }
  }

  const PlainGroups& groups_;
  int first_;
  std::int64_t claim_;
  Certificate::Segment proof_;
};

/// A certificate that claims what the best permutation prunes; or, with `more`, what none can prove.
inline Certificate plain_certificate(const Problem& problem, std::int64_t more = 0) {
  Certificate certificate{plain_scale(problem), {}};
  for (int s = 0; s < problem.segments().count(); ++s) {
    const PlainGroups groups(problem, s, certificate.scale);
    PlainProver prover(groups, problem.segments().begin(s), groups.least_pruned() + more);
    certificate.segments.push_back(prover.prove());
  }
  return certificate;
}

}  // namespace nmperm::testing
