// Branch and price over the groups that survive at the root.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "solvers/branch_decision.h"
#include "solvers/branch_node.h"
#include "solvers/branch_selection.h"
#include "solvers/segment_relaxation.h"

namespace nmperm {

/// Best first with plunging: from a node to its more promising child as long as there is one, then to the
/// open node of least bound. Nodes solve the linear program over the groups of the root's pool that their
/// decisions and the duals of their ancestors leave (reduced cost below incumbent minus bound).
///
/// Memory: 8 C bytes a node, and an index list of the pool. Ends when no open node can hold a better
/// partition, when the search should stop, at the node limit, or when nodes take more than `most_bytes`.
class BranchTree {
 public:
  BranchTree(SegmentRelaxation& relaxation, std::size_t most_bytes);

  void run(std::int64_t node_limit, double end_s);

  /// Below what every partition of the segment prunes.
  double lower() const;
  const std::vector<BranchNode>& nodes() const { return nodes_; }

 private:
  bool process(int id);
  bool branch(int id);
  void enter(int id);
  bool allowed(const std::uint16_t* types) const;
  void refix(const BranchNode& node);
  void try_incumbent();
  int next();

  SegmentRelaxation& relaxation_;
  RestrictedMaster& master_;
  int group_;
  std::size_t most_bytes_, node_bytes_;
  std::vector<BranchNode> nodes_;
  BranchSelection selection_;
  /// Open nodes by bound; ties by number, deeper ones first.
  struct Later {
    const std::vector<BranchNode>& nodes;
    bool operator()(int a, int b) const;
  };
  std::priority_queue<int, std::vector<int>, Later> open_;
  int plunge_ = 0;       // the node to go on with, or -1
  double closed_bound_;  // least bound of leaves
  double pool_bound_;    // below what partitions with groups outside the pool prune

  std::vector<std::uint32_t>
      survivors_;  // of the root, with the incumbent of pruned magnitude survivors_upper_
  double survivors_upper_ = -1;

  int current_ = -1;  // the node that subset_ and decisions_ belong to
  std::vector<BranchDecision> decisions_;
  std::vector<std::uint32_t> subset_;
};

}  // namespace nmperm
