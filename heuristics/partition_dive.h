// Soft column generation and diving for one set of columns.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "core/search.h"
#include "heuristics/column_types.h"
#include "heuristics/entropic_duals.h"
#include "heuristics/group_pool.h"
#include "heuristics/pair_estimates.h"
#include "heuristics/partial_partition.h"
#include "heuristics/replacement_pricing.h"
#include "heuristics/replacement_rows.h"

namespace nmperm {

/// Parameters of a dive. Temperatures are in units of the mean absolute change that a swap of two columns
/// makes.
struct DiveParameters {
  double initial_temperature = 0.06;
  double final_temperature = 0.02;
  double fix_fraction = 0.03;  ///< least share of the free groups that a step fixes
  std::size_t cache_bytes = std::size_t{512} << 20;
};

/// When a dive has to be done: by the clock, or never.
class DivePace {
 public:
  explicit DivePace(const Search& search) : search_(&search) {}
  DivePace(const Search& search, double seconds) : search_(&search), end_s_(search.elapsed_s() + seconds) {}

  bool by_clock() const { return end_s_ < std::numeric_limits<double>::infinity(); }
  /// Infinite without a clock.
  double left_s() const { return by_clock() ? end_s_ - search_->elapsed_s() : end_s_; }
  /// 0 without a clock.
  double now_s() const { return by_clock() ? search_->elapsed_s() : 0; }
  bool stop() const { return search_->should_stop(); }

 private:
  const Search* search_;
  double end_s_ = std::numeric_limits<double>::infinity();
};

/// The share of the groups that the n-th dive of a series goes through: of four dives the first through all,
/// the others a random share.
double share_of_dive(std::int64_t n, Rng& rng);

/// Keeps a pool of groups, prices and replacement rows of a set of columns from one dive to the next; what a
/// dive does is told in docs/entropic-dive.md. For n column types of R rows the first dive rates about 4 n
/// groups, up to 10 n where columns differ much in scale, M R n max-adds each unless they are estimated.
/// Memory: the cache, up to 200 n groups in the pool, and 4 n^2 bytes of pairs.
class PartitionDive {
 public:
  /// `columns`: M at a time they are the groups to begin with. They belong to one segment. `bytes`: the
  /// quantised search scores; groups are rated in bytes where these resolve what swaps change.
  PartitionDive(const Search& search, const std::vector<int>& columns, const DiveParameters& parameters,
                std::shared_ptr<const QuantisedScores> bytes, Rng rng);

  /// Whether groups are rated in bytes where these are fine enough: below some rows they save no time.
  static bool prefers_bytes(const Problem& problem) { return problem.rows() >= 256; }

  /// Whether groups of so many column types are then estimated from pairs: with fewer rows or types that
  /// saves no time either.
  static bool prefers_pairs(const Problem& problem, int types) {
    return prefers_bytes(problem) && problem.rows() >= 1536 && types >= 1024;
  }

  /// False where no swap of two columns was seen to change anything.
  bool can_improve() const { return scale_ > 0; }

  /// One dive through the columns of a share of the best groups (1: of all), the others stay as they are.
  /// Improves columns() and kept() and calls `improved` whenever it does. Stops early when the search should;
  /// with a clock it makes larger steps so that it ends in time.
  void dive(const DivePace& pace, double share, const std::function<void()>& improved);

  /// The best order found, M columns a group, and what it keeps (by the float32 kernels).
  std::vector<int> columns() const { return types_.columns_of(best_); }
  double kept() const { return best_kept_; }
  /// All groups found, as multisets of types().
  const GroupPool& pool() const { return pool_; }
  const ColumnTypes& types() const { return types_; }
  /// The order that the last dive ended with (or reached before it had to stop), whether or not it was the
  /// best.
  std::vector<int> last() const { return types_.columns_of(partition_.whole()); }
  /// Adds a group of columns found elsewhere to the pool.
  void add(const std::vector<int>& columns);
  /// Adds groups found elsewhere to the pool, all columns in order; true when they are the best so far.
  bool offer(const std::vector<int>& columns);

 private:
  const std::uint8_t* byte_column(int type) const { return bytes_->column(types_.columns(type).front()); }
  double gain_in_bytes(const int* types, int type) const;
  void measure_scale();
  int add_group(const int* types);
  std::vector<int> completion_groups();

  void begin(double share);
  void keep_some(double share);
  void forget();
  void fit(double temperature, int sweeps);
  std::vector<int> bases();
  std::vector<int> deep_bases() const;
  std::size_t price(const std::vector<int>& bases, double margin, double seconds, const DivePace& pace);
  std::vector<int> some_new(std::vector<int> bases) const;
  void smooth(std::vector<double>& smoothed) const;
  void soften(double temperature, const DivePace& pace);
  void deepen(double temperature, const DivePace& pace);
  void refine(double temperature, const DivePace& pace);
  void fix(const DivePace& pace, double step_s);
  void offer(const std::function<void()>& improved);

  const Search& search_;
  DiveParameters parameters_;
  Rng rng_;
  ColumnTypes types_;
  std::shared_ptr<const QuantisedScores> bytes_;
  int group_;
  GroupPool pool_;
  EntropicDuals duals_;
  std::unique_ptr<PairEstimates> pairs_;
  ReplacementRows rows_;
  double scale_ = 0;  // mean absolute swap change
  std::vector<int> best_;
  double best_kept_ = 0;
  double temperature_ = 0;  // of dives, where softening ended
  std::int64_t dives_ = 0;
  std::vector<double> root_prices_;
  double noise_ = 0;
  double group_s_ = 0;  // seconds to rate a group, as measured last

  // State of a dive.
  PartialPartition partition_;
  std::vector<int> active_;  // groups of the pool that take part
  std::vector<int> live_;    // groups of the pool of which at most one column is fixed
  std::vector<char> takes_part_, completes_;
  int seen_ = 0;                // groups of the pool that have been considered for live_
  std::size_t pruned_for_ = 0;  // free columns when groups last left live_; newer ones need not
};

}  // namespace nmperm
