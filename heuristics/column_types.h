// The columns of a set, equal ones merged: a type stands for all columns that hold the same scores.
#pragma once

#include <vector>

#include "core/score_matrix.h"

namespace nmperm {

/// Dead channels leave many equal columns. Groups that differ only in which of them they hold are one group,
/// and searches that tell them apart drown in duplicates.
class ColumnTypes {
 public:
  /// `columns` of `scores`. O(R n) and sorting.
  ColumnTypes(const ScoreMatrix& scores, const std::vector<int>& columns);

  int count() const { return static_cast<int>(columns_.size()); }
  /// Columns of type t, ascending.
  const std::vector<int>& columns(int t) const { return columns_[static_cast<std::size_t>(t)]; }
  std::vector<int> multiplicities() const;
  /// Scores of type t.
  const float* scores(int t) const { return scores_[static_cast<std::size_t>(t)]; }
  const std::vector<const float*>& scores() const { return scores_; }

  /// The types of columns that belong to the set.
  std::vector<int> types_of(const std::vector<int>& columns) const;
  /// Columns for a list of types that holds every type as often as it occurs.
  std::vector<int> columns_of(const std::vector<int>& types) const;

 private:
  std::vector<std::vector<int>> columns_;
  std::vector<const float*> scores_;
  std::vector<int> type_of_column_;  // -1: not in the set
};

}  // namespace nmperm
