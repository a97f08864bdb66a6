// Soft column generation and diving for one set of columns.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "core/search.h"
#include "heuristics/column_types.h"
#include "heuristics/entropic_duals.h"
#include "heuristics/group_pool.h"
#include "heuristics/replacement_pricing.h"
#include "heuristics/replacement_rows.h"

namespace nmperm {

/// Parameters of a dive; docs/entropic-dive.md says what they do.
struct DiveParameters {
  double initial_temperature = 0.1;  ///< in mean absolute swap changes, as the next two
  double final_temperature = 0.006;
  double restart_temperature = 0.012;
  double fix_weight = 0.98;    ///< groups of at least this weight are fixed
  double fix_fraction = 0.03;  ///< least share of the free groups that a step fixes
  int per_slot = 8;
  int deep_rounds = 3;
  std::size_t deep_bases = 4;
  double margin = 3;
  double slow = 0.98;
  int sweeps = 20;
  std::size_t cache_bytes = std::size_t{512} << 20;
};

/// When a dive has to be done: by the clock, or never.
class DivePace {
 public:
  explicit DivePace(const Search& search) : search_(&search) {}
  DivePace(const Search& search, double seconds) : search_(&search), end_s_(search.elapsed_s() + seconds) {}

  bool by_clock() const { return end_s_ < std::numeric_limits<double>::infinity(); }
  double left_s() const { return by_clock() ? end_s_ - search_->elapsed_s() : end_s_; }
  double now_s() const { return by_clock() ? search_->elapsed_s() : 0; }
  bool stop() const { return search_->should_stop(); }

 private:
  const Search* search_;
  double end_s_ = std::numeric_limits<double>::infinity();
};

/// Keeps a pool of groups, prices and replacement rows of a set of columns from one dive to the next.
class PartitionDive {
 public:
  /// `columns`: M at a time they are the groups to begin with. They belong to one segment.
  PartitionDive(const Search& search, const std::vector<int>& columns, const DiveParameters& parameters,
                Rng rng);

  /// False where no order of the columns differs from another.
  bool can_improve() const { return scale_ > 0; }

  /// One dive: prices first (from the initial temperature the first time, from the restart temperature
  /// later), then groups are fixed until all columns are used. Improves columns() and kept(), and calls
  /// `improved` whenever it does. Stops early when the search should.
  void dive(const DivePace& pace, const std::function<void()>& improved);

  /// The best order found, M columns a group, and what it keeps (by the float32 kernels).
  std::vector<int> columns() const { return types_.columns_of(best_); }
  double kept() const { return best_kept_; }
  /// Offers groups found elsewhere.
  void offer(const std::vector<int>& columns);

 private:
  void measure_scale();
  double group_kept(const int* types) const;
  int add_group(const int* types);
  void begin();
  void activate(double temperature);
  std::vector<int> bases(double weight) const;
  std::size_t price(std::vector<int> bases, double temperature, double seconds, const DivePace& pace);
  void soften(double begin, const DivePace& pace);
  void deepen(double temperature, const DivePace& pace);
  void fix(const DivePace& pace, double step_s);
  void complete();
  bool fits(const int* types) const;
  void take(const int* types);
  void offer_types(const std::vector<int>& types, const std::function<void()>& improved);
  void forget();
  std::size_t free_columns() const;

  const Search& search_;
  DiveParameters parameters_;
  Rng rng_;
  ColumnTypes types_;
  int group_;
  GroupPool pool_;
  EntropicDuals duals_;
  ReplacementRows rows_;
  double scale_ = 0;  // mean absolute swap change
  std::vector<int> best_;
  double best_kept_ = 0;
  std::int64_t dives_ = 0;
  std::vector<double> root_prices_;

  // State of a dive.
  std::vector<int> remaining_;   // free copies of each type
  std::vector<int> active_;      // groups of the pool that take part
  std::vector<int> fixed_;       // types of the fixed groups
  std::vector<int> completion_;  // groups of the pool that hold all free columns
  double group_s_ = 0;           // seconds to rate a group for all types, as measured last
};

}  // namespace nmperm
