// A problem with a pool of the groups of its identity, and their replacement rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/permutation.h"
#include "core/problem.h"
#include "core/quantised_scores.h"
#include "core/search.h"
#include "heuristics/group_pool.h"
#include "heuristics/replacement_rows.h"
#include "tests/support/brute_force.h"
#include "tests/support/scores.h"

namespace nmperm::testing {

/// A problem with a pool of its identity groups, rated.
struct Rated {
  Rated(const Pattern& pattern, int columns, const std::vector<int>& multiplicities,
        std::size_t cache_bytes = 1 << 20, int rows_of_scores = 37)
      : problem(random_scores(Scores::kUniform, rows_of_scores, columns, 4), pattern),
        search(problem, parameters(), "test", Options("test", {}, {})),
        pool(pattern.group),
        rows(pointers(problem.scores()), pattern, problem.scores().stride(), cache_bytes),
        remaining(multiplicities) {
    const std::vector<int> types = this->types();
    for (int i = 0; i < columns; i += pattern.group) {
      groups.push_back(
          pool.add(types.data() + i, sorted_kept(problem.scores(), pattern.keep,
                                                 {types.begin() + i, types.begin() + i + pattern.group})));
    }
  }

  /// 0, 1, 2, ...
  std::vector<int> types() const { return identity_permutation(problem.columns()); }
  /// Prices of nothing, for every type.
  std::vector<float> free() const {
    std::vector<float> prices(rows.width(), std::numeric_limits<float>::infinity());
    std::fill_n(prices.begin(), problem.columns(), 0.0f);
    return prices;
  }
  static SolveParameters parameters() {
    SolveParameters result;
    result.threads = 2;
    return result;
  }
  static std::vector<const float*> pointers(const ScoreMatrix& scores) {
    std::vector<const float*> result;
    for (int c = 0; c < scores.columns(); ++c) result.push_back(scores.column(c));
    return result;
  }
  static std::vector<const std::uint8_t*> byte_pointers(const QuantisedScores& bytes, int columns) {
    std::vector<const std::uint8_t*> result;
    for (int c = 0; c < columns; ++c) result.push_back(bytes.column(c));
    return result;
  }
  double kept(const int* types) const {
    return sorted_kept(problem.scores(), problem.pattern().keep, {types, types + problem.pattern().group});
  }

  Problem problem;
  Search search;
  GroupPool pool;
  ReplacementRows rows;
  std::vector<int> groups, remaining;
};

}  // namespace nmperm::testing
