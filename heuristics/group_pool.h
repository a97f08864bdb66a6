// A pool of candidate groups with kept magnitudes and without duplicates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nmperm {

/// Groups of M column types (column_types.h), each a multiset in ascending order. Numbered from 0 in the
/// order of addition. 4 M + 24 bytes a group, and O(M) to add or find one.
class GroupPool {
 public:
  explicit GroupPool(int group_size) : group_(group_size) {}

  int group_size() const { return group_; }
  int size() const { return static_cast<int>(kept_.size()); }
  /// The M types of group g, ascending.
  const int* types(int g) const { return types_.data() + static_cast<std::size_t>(g) * stride(); }
  double kept(int g) const { return kept_[static_cast<std::size_t>(g)]; }
  void set_kept(int g, double kept) { kept_[static_cast<std::size_t>(g)] = kept; }

  /// The number of the group, or -1. `types` ascending.
  int find(const int* types) const;
  /// Adds a group unless it is there; returns its number.
  int add(const int* types, double kept);

  /// Drops the groups g with stays[g] = 0 and renumbers the others in order. Returns the new numbers, -1 for
  /// those dropped.
  std::vector<int> compact(const std::vector<char>& stays);

 private:
  std::size_t stride() const { return static_cast<std::size_t>(group_); }
  std::size_t place_of(const int* types) const;
  void rehash(std::size_t places);

  int group_;
  std::vector<int> types_;
  std::vector<double> kept_;
  std::vector<int> table_;  // open addressing, linear probing; -1: free
};

}  // namespace nmperm
