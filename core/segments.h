// Segments: consecutive blocks of columns; a column moves only inside its own.
#pragma once

#include <vector>

#include "core/pattern.h"

namespace nmperm {

/// Blocks of consecutive columns (the parts of a concat, the groups of a grouped convolution).
class Segments {
 public:
  /// One segment that holds all columns.
  explicit Segments(int columns);
  /// Segments of the given lengths. Throws InputError when a length is not positive.
  explicit Segments(std::vector<int> lengths);

  int count() const { return static_cast<int>(lengths_.size()); }
  int columns() const { return starts_.back(); }
  /// First column of segment s; begin(count()) = columns().
  int begin(int s) const { return starts_[static_cast<std::size_t>(s)]; }
  int end(int s) const { return starts_[static_cast<std::size_t>(s) + 1]; }
  int length(int s) const { return lengths_[static_cast<std::size_t>(s)]; }
  const std::vector<int>& lengths() const { return lengths_; }

  /// Segment that holds column c, in O(log count).
  int of_column(int c) const;

  /// Throws InputError unless the lengths add up to `columns` and each is a multiple of M.
  void validate(int columns, const Pattern& pattern) const;

  bool operator==(const Segments& other) const { return lengths_ == other.lengths_; }

 private:
  std::vector<int> lengths_;
  std::vector<int> starts_;  // count() + 1 entries
};

}  // namespace nmperm
