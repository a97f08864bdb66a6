// The kept magnitude of every group (M-subset) of one segment's columns, as a table.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/pattern.h"
#include "core/score_matrix.h"
#include "formulations/subsets.h"

namespace nmperm {

/// kept(q) for all C(L, M) groups q of L consecutive columns, numbered colexicographically. 8 bytes a group.
///
/// Values are sums in double of the scores, as the oracle's are: the two differ by rounding in the last
/// digits only. They are found by the replacement identity: with t the N-th largest score, row by row, of
/// M-1 chosen columns, adding column d keeps sum(top N-1) + sum_r max(t[r], d[r]); so a group costs about
/// R max-adds.
class GroupValues {
 public:
  /// Columns first..first+columns-1 of `scores`. `should_stop` (may be empty) is asked from any thread;
  /// once it says true the answer is null. Values do not depend on the number of threads.
  static std::optional<GroupValues> compute(const ScoreMatrix& scores, const Pattern& pattern, int first,
                                            int columns, int threads,
                                            const std::function<bool()>& should_stop = {});

  /// The groups; elements are columns relative to the first one.
  const Subsets& groups() const { return groups_; }
  std::size_t count() const { return kept_.size(); }
  double kept(std::size_t group) const { return kept_[group]; }
  const double* kept() const { return kept_.data(); }
  /// Sum of one column's scores.
  double column_total(int column) const { return column_total_[static_cast<std::size_t>(column)]; }
  /// Sum of all columns' scores.
  double total() const;
  /// What the pattern prunes from a group. O(L).
  double pruned(std::size_t group) const { return pruned(group, groups_.subset(group)); }
  /// The same in O(M), for who knows the group's columns.
  double pruned(std::size_t group, std::span<const int> columns) const;

 private:
  GroupValues(int columns, int group) : groups_(columns, group), kept_(groups_.count()) {}

  Subsets groups_;
  std::vector<double> kept_;
  std::vector<double> column_total_;
};

}  // namespace nmperm
