// The M-subsets of {0, ..., n-1} in colexicographic order: counting and numbering them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nmperm {

/// n choose k as a double: exact below 2^53, approximate (or infinite) above. For messages and limits.
double binomial(int n, int k);

/// Colexicographic numbers of the subsets of `size` elements of {0, ..., elements-1}: the subset
/// c0 < c1 < ... has number sum_i C(ci, i+1) (the combinatorial number system; Knuth, TAOCP 4A, 7.2.1.3).
/// All subsets with a smaller largest element come first, so the numbers do not depend on `elements`.
class Subsets {
 public:
  /// Throws InternalError unless 0 <= size <= elements and the count is below 2^53. O(elements * size).
  Subsets(int elements, int size);

  int elements() const { return elements_; }
  int size() const { return size_; }
  std::size_t count() const { return choose(elements_, size_); }

  /// n choose k for n <= elements, k <= size.
  std::size_t choose(int n, int k) const {
    return table_[static_cast<std::size_t>(k) * static_cast<std::size_t>(elements_ + 1) +
                  static_cast<std::size_t>(n)];
  }
  /// The row n = 0..elements of n choose k.
  const std::size_t* choose_row(int k) const {
    return table_.data() + static_cast<std::size_t>(k) * static_cast<std::size_t>(elements_ + 1);
  }

  /// Number of an ascending subset. O(size).
  std::size_t number(std::span<const int> subset) const;
  /// Ascending elements of subset `number`. O(elements).
  std::vector<int> subset(std::size_t number) const;
  /// Turns a subset into the next one; false after the last. O(size), constant on average.
  bool next(std::span<int> subset) const;

 private:
  int elements_, size_;
  std::vector<std::size_t> table_;  // (size + 1) rows of elements + 1 entries
};

}  // namespace nmperm
