// The linear relaxation of set partitioning over all groups of one segment, and what it proves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/search.h"
#include "formulations/group_scan.h"
#include "formulations/integer_columns.h"
#include "heuristics/partition_dive.h"
#include "solvers/branch_node.h"
#include "solvers/pool_relaxation.h"
#include "solvers/restricted_master.h"
#include "solvers/segment_progress.h"

namespace nmperm {

/// Column generation with exact pricing: a linear program over few groups, duals, a scan of all groups with
/// them (formulations/group_scan.h), and again with the groups found. Entropic dives begin: their pool of
/// groups is close to what the optimum needs, so a handful of scans ends it. Every scan proves a bound,
/// whether or not the program was solved to the end.
class SegmentRelaxation {
 public:
  SegmentRelaxation(Search& search, SegmentProgress& progress, int segment, const MipBackend& backend);

  /// Dives and solves, until no group has a negative reduced cost or the search should stop.
  void solve();
  /// Whether solve() came to its end.
  bool is_solved() const { return solved_; }
  /// After solve(): finds the groups that a better partition than the incumbent may consist of, at most
  /// `most`.
  void collect(std::size_t most);

  /// Pruned magnitude of the incumbent, and a bound below that of every partition; integers
  /// (integer_columns.h).
  double upper() const { return upper_; }
  double lower() const { return lower_; }
  /// Bounds at least this good close the gap: what is left, a share of 1e-7, counts as optimal.
  double goal() const { return upper_ * (1 - 1e-7); }
  bool is_closed() const { return lower_ >= goal(); }
  /// Feasible for every group (see RepairedDuals), and their sum over all columns, which lower() is at least.
  const std::vector<double>& duals() const { return duals_; }
  double dual_bound() const { return dual_bound_; }

  /// The groups of the pool. Every other group has a reduced cost of at least pool_limit() with duals().
  const GroupList& pool() const { return pool_; }
  double pool_limit() const { return pool_limit_; }
  /// Indices of groups of the pool that may be in a better partition than the incumbent.
  std::vector<std::uint32_t> survivors() const;

  const IntegerColumns& columns() const { return columns_; }
  RestrictedMaster& master() { return *master_; }
  /// After solve(): the dives that it began with, and the scores that they rate groups in.
  PartitionDive& entropic_dive() { return *dive_; }
  const std::shared_ptr<const QuantisedScores>& bytes() const { return bytes_; }
  Search& search() { return search_; }
  int segment() const { return segment_; }
  /// Columns of the problem in the incumbent's order.
  std::vector<int> incumbent() const;

  /// A partition into groups (M types each); becomes the incumbent where it prunes less. Returns whether it
  /// did.
  bool offer(const std::vector<std::uint16_t>& groups);
  /// Reports a bound below what every partition of the segment prunes.
  void offer_bound(double pruned);
  /// Keeps the proof that no partition prunes less than `pruned`: the nodes of a tree, of which the first is
  /// the root.
  void keep_proof(double pruned, const std::vector<BranchNode>& nodes);

 private:
  double kept_bound(double pruned) const;
  void dive();
  bool scan(const std::vector<double>& duals, double limit, std::size_t most);

  Search& search_;
  SegmentProgress& progress_;
  int segment_;
  IntegerColumns columns_;
  GroupScan scan_;
  std::optional<RestrictedMaster> master_;
  const MipBackend& backend_;
  GroupList pool_;
  double pool_limit_;
  std::vector<double> duals_;
  std::shared_ptr<const QuantisedScores> bytes_;
  std::optional<PartitionDive> dive_;
  double upper_, lower_ = 0, dual_bound_ = 0;
  bool solved_ = false;
  bool has_negative_ = true;
};

}  // namespace nmperm
