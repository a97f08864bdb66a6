// What a group keeps, estimated from its pairs of columns: a cost that no longer depends on the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/pattern.h"
#include "core/quantised_scores.h"
#include "core/score_matrix.h"
#include "core/search.h"

namespace nmperm {

/// The kept magnitude of a group as a function of its M columns, expanded into what each column, each pair,
/// each triple contributes (Hoeffding's decomposition, Annals of Mathematical Statistics 19, 1948, for
/// independent scores of one distribution a row), is nearly told by its pairs: at 2:4 they hold 86 % of what
/// single columns leave open. The term of a pair has a closed form. In a row with scores above s with
/// probability q(s), kept = the integral over s of min(N, how many of M scores are above s), so columns x and
/// y interact by
///     - integral from 0 to min(x, y) of binomial(M-2, N-1) q^(N-1) (1-q)^(M-N-1) ds = -T(min(x, y)):
/// a minimum of scores after a monotone transformation T of each row, and so the (max,+) product of the
/// transformed columns. docs/entropic-dive.md has figures.
class PairEstimates {
 public:
  /// `columns`: the types' in `scores`. `groups`: M types at a time, of which some calibrate what single
  /// columns contribute. n^2 R / 2 max-adds in bytes for n types, shared by the threads of `search`, and
  /// O(R n); 4 n^2 bytes, and (n + 768) R in between. Left incomplete where the search should stop.
  PairEstimates(const Search& search, const QuantisedScores& scores,
                const std::vector<const std::uint8_t*>& columns, const std::vector<int>& groups);

  /// Writes to row[t], for every type t, about what it is worth in a slot of the group `types`; all entries
  /// are off by a constant of the slot. O(M n), whatever R.
  void estimate(const int* types, int slot, float* row) const;

 private:
  void form_pairs(const Search& search, const QuantisedScores& scores,
                  const std::vector<const std::uint8_t*>& columns);
  void calibrate(const QuantisedScores& scores, const std::vector<const std::uint8_t*>& columns,
                 const std::vector<int>& groups);

  Pattern pattern_;
  std::size_t types_;
  ScoreMatrix pair_;           // column t: the terms of t with every type
  std::vector<float> single_;  // of every type
};

}  // namespace nmperm
