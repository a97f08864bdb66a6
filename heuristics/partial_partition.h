// A partition of columns into groups of which some are final: the state of a dive.
#pragma once

#include <cstddef>
#include <vector>

#include "heuristics/group_pool.h"

namespace nmperm {

/// Fixed groups, and a completion: groups that hold all other (free) columns. Together they are a whole
/// partition at any time. Groups are multisets of column types (column_types.h).
class PartialPartition {
 public:
  explicit PartialPartition(int group_size) : group_(group_size) {}

  /// Nothing is fixed; `types` are the groups of the completion, M types each.
  void assign(const std::vector<int>& types, std::vector<int> multiplicities);

  /// Free columns of each type.
  const std::vector<int>& remaining() const { return remaining_; }
  std::size_t free_columns() const { return free_; }
  std::vector<int> free_types() const;

  /// True where the group can be formed of free columns.
  bool fits(const int* types) const;
  /// How many of the M types are used up.
  int missing(const int* types) const;

  /// Fixes a group that fits. The completion holds its columns until complete() is called.
  void fix(const int* types);
  /// Takes what is fixed out of the completion: groups that lost a column give their others to new groups, in
  /// order. O(C).
  void complete();

  /// Groups of the completion, M types each, ascending inside a group.
  const std::vector<int>& completion() const { return completion_; }
  const std::vector<int>& fixed() const { return fixed_; }
  /// Fixed groups and completion.
  std::vector<int> whole() const;

 private:
  int group_;
  std::size_t free_ = 0;
  bool single_ = false;  // no type has two columns, so no group holds one twice
  std::vector<int> remaining_, fixed_, completion_;
};

}  // namespace nmperm
