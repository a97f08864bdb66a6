// The objective and its optimum once more, by the plainest means: nothing here shares code with core.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "core/pattern.h"
#include "core/permutation.h"
#include "core/score_matrix.h"

namespace nmperm::testing {

/// Sum over rows of the N largest of the given columns' scores, by sorting each row.
inline double sorted_kept(const ScoreMatrix& scores, int keep, const std::vector<int>& columns) {
  long double sum = 0;
  for (int r = 0; r < scores.rows(); ++r) {
    std::vector<float> row;
    for (const int c : columns) row.push_back(scores.at(r, c));
    std::sort(row.begin(), row.end(), std::greater<>());
    for (int n = 0; n < keep; ++n) sum += static_cast<long double>(row[static_cast<std::size_t>(n)]);
  }
  return static_cast<double>(sum);
}

/// Kept magnitude of a permutation.
inline double sorted_kept(const ScoreMatrix& scores, const Pattern& pattern, const Permutation& permutation) {
  double sum = 0;
  for (auto at = permutation.begin(); at != permutation.end(); at += pattern.group) {
    sum += sorted_kept(scores, pattern.keep, {at, at + pattern.group});
  }
  return sum;
}

/// The largest kept magnitude of any split of at most 24 columns into groups: every group that holds the
/// first column left, and the best of the rest.
class BestSplit {
 public:
  BestSplit(const ScoreMatrix& scores, const Pattern& pattern, std::vector<int> columns)
      : scores_(scores), pattern_(pattern), columns_(std::move(columns)) {}

  double kept() { return best((std::uint32_t{1} << columns_.size()) - 1); }

 private:
  double best(std::uint32_t left) {
    if (left == 0) return 0;
    const auto [entry, is_new] = best_of_.try_emplace(left, -1.0);
    if (is_new) {
      double most = -1;
      choose(left, 0, {}, [&](std::uint32_t group, const std::vector<int>& columns) {
        const auto [value, unknown] = value_of_.try_emplace(group, 0.0);
        if (unknown) value->second = sorted_kept(scores_, pattern_.keep, columns);
        most = std::max(most, value->second + best(left & ~group));
      });
      best_of_[left] = most;
    }
    return best_of_[left];
  }

  /// Visits every group of columns of `left` that holds the first of them.
  template <typename Visit>
  void choose(std::uint32_t left, std::uint32_t group, const std::vector<int>& columns, const Visit& visit) {
    if (static_cast<int>(columns.size()) == pattern_.group) {
      visit(group, columns);
      return;
    }
    for (std::uint32_t c = 0; c < columns_.size(); ++c) {
      const std::uint32_t bit = std::uint32_t{1} << c;
      if ((left & bit) == 0 || bit <= group) continue;
      std::vector<int> more = columns;
      more.push_back(columns_[c]);
      choose(left, group | bit, more, visit);
      if (group == 0) return;  // the first column left is in every group that is tried
    }
  }

  const ScoreMatrix& scores_;
  Pattern pattern_;
  std::vector<int> columns_;
  std::map<std::uint32_t, double> best_of_, value_of_;
};

inline double best_kept(const ScoreMatrix& scores, const Pattern& pattern, const std::vector<int>& columns) {
  return BestSplit(scores, pattern, columns).kept();
}

}  // namespace nmperm::testing
