// The N:M pattern: in every row, of each M consecutive columns at most N entries stay nonzero.
#pragma once

#include <string>
#include <string_view>

namespace nmperm {

/// N:M: `keep` = N of every `group` = M consecutive columns survive in each row; 1 <= N < M.
struct Pattern {
  int keep = 2;
  int group = 4;

  /// Reads "2:4". Throws InputError on anything that is not N:M with 1 <= N < M <= kMaxGroup.
  static Pattern parse(std::string_view text);
  /// Throws InputError unless 1 <= N < M <= kMaxGroup.
  void validate() const;
  std::string str() const;

  bool operator==(const Pattern&) const = default;

  /// Largest M: kernels keep the scores of one group of one row on the stack.
  static constexpr int kMaxGroup = 64;
};

}  // namespace nmperm
