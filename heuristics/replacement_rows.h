// A cache of replacement rows: what every column type would be worth in every slot of a group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/pattern.h"
#include "core/quantised_scores.h"
#include "core/score_matrix.h"
#include "core/search.h"
#include "heuristics/group_pool.h"
#include "heuristics/pair_estimates.h"

namespace nmperm {

/// For a group g of the pool, slot i and type t: offset(g, i) + row(g, i)[t] is about the kept magnitude of g
/// with type t in slot i (core/max_plus_product.h); what is to be kept of it is evaluated again. What a group
/// is worth does not depend on prices, so it is rated once and scanned as often as prices change. 4 M width()
/// bytes a group, at most `max_bytes` in all; groups that lay idle for some calls make room for others, and
/// where there are none, those unused for longest. Rating a group costs M R n max-adds for n types, in bytes
/// a sixth to a half of that (core/quantised_scores.h), or O(M^2 n) and a few rows' worth of look-ups where
/// it is estimated.
class ReplacementRows {
 public:
  /// `columns`: scores of the types, `rows` = ScoreMatrix::stride().
  ReplacementRows(std::vector<const float*> columns, const Pattern& pattern, std::size_t rows,
                  std::size_t max_bytes);

  /// Groups rated from now on are rated in bytes: `columns` are the types' in `scores`, which must outlive
  /// this.
  void rate_in_bytes(const QuantisedScores& scores, std::vector<const std::uint8_t*> columns);

  /// Wide rows rated from now on are estimated from pairs, which cost O(M n) and not O(M R n); what promises
  /// most at the prices of the moment is then looked up in bytes. For rows that are rated in bytes; `pairs`
  /// must outlive this.
  void estimate_from_pairs(const PairEstimates& pairs) { pairs_ = &pairs; }
  bool estimates() const { return pairs_ != nullptr; }

  /// Kept magnitude of a group of M types, by the float32 kernels. O(R M N).
  double kept(const int* types) const;

  /// Number of types, rounded up to 16: the length of a row.
  std::size_t width() const { return width_; }
  /// Most groups that are held at once.
  std::size_t capacity() const { return capacity_; }

  /// Entries of rows rated from now on are valid for `types` only, until the next call. With every type, rows
  /// rated for fewer are forgotten; otherwise `types` must be part of what they were before.
  void narrow(std::vector<int> types);

  bool has(int g) const { return entry_of(g) >= 0; }
  const float* row(int g, int slot) const { return rows_of_[slot_of(g, slot)]; }
  double offset(int g, int slot) const { return offsets_[slot_of(g, slot)]; }

  /// What group g keeps in truth with `type` in `slot`: better than what the row said.
  void correct(int g, int slot, int type, double kept) {
    rows_of_[slot_of(g, slot)][type] = static_cast<float>(kept - offset(g, slot));
  }

  /// Rates those of `groups` that are not held, up to `limit` of them, marks all as used. `price`: of every
  /// type, width() in all, infinite outside the types that rows are rated for (only estimates depend on
  /// prices). Returns how many were rated: fewer when the search should stop or the cache is full of groups
  /// of this call. Threads share the work; values do not depend on their number.
  std::size_t rate(const GroupPool& pool, const std::vector<int>& groups, std::size_t limit,
                   const std::vector<float>& price, const Search& search);

  /// After GroupPool::compact.
  void renumber(const std::vector<int>& new_numbers);

 private:
  struct Entry {
    int group = -1;  // -1: free
    std::int64_t used = 0;
    bool narrow = false, estimated = false;
  };
  class Workspace;

  int entry_of(int g) const;
  std::size_t slot_of(int g, int slot) const {
    return static_cast<std::size_t>(entry_of_group_[static_cast<std::size_t>(g)] * pattern_.group + slot);
  }
  void add_entries();
  int take_entry();
  void release(int entry);
  bool estimates_now() const;
  void rate_batch(const GroupPool& pool, const std::vector<int>& groups, std::size_t begin, std::size_t end,
                  const std::vector<float>& price, Workspace& workspace);
  void estimate_rows(const GroupPool& pool, int g, const std::vector<float>& price, Workspace& workspace);
  void form_rows_in_float(const GroupPool& pool, const std::vector<int>& groups, std::size_t begin,
                          std::size_t end, Workspace& workspace);
  float promising(const float* row, const float* price, std::size_t first) const;
  const std::uint8_t* form_threshold(const int* types, int slot, std::uint8_t* threshold) const;
  void form_rows_in_bytes(const GroupPool& pool, const std::vector<int>& groups, std::size_t begin,
                          std::size_t end, Workspace& workspace);

  std::vector<const float*> columns_;
  Pattern pattern_;
  std::size_t rows_, width_, capacity_;
  std::vector<int> types_;
  std::vector<const float*> type_columns_;
  const QuantisedScores* bytes_ = nullptr;
  const PairEstimates* pairs_ = nullptr;
  std::vector<const std::uint8_t*> byte_columns_, byte_type_columns_;
  std::vector<Entry> entries_;
  std::vector<ScoreMatrix> memory_;  // of rows
  std::vector<float*> rows_of_;      // M an entry, as are offsets
  std::vector<double> offsets_;
  std::vector<int> free_;
  std::vector<int> entry_of_group_;
  std::int64_t calls_ = 0;
  std::size_t hand_ = 0;
};

}  // namespace nmperm
