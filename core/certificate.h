// A proof that no permutation keeps more than a bound, as data that others can check.
#pragma once

#include <cstdint>
#include <vector>

namespace nmperm {

/// What a pattern prunes is a sum over groups, so numbers for the columns (duals) prove a bound: if the duals
/// of every possible group sum to at most what it prunes, every partition prunes at least the sum of all
/// duals. Where that does not reach the bound, a tree of decisions (Ryan-Foster branching) divides the
/// partitions, and every leaf has duals of its own.
///
/// All magnitudes are integers: the scores times `scale`, each rounded to the nearest integer (ties to even).
/// The scale is a power of two that makes the sum of all scores less than 2^53. docs/certificates.md has the
/// whole argument.
struct Certificate {
  /// A node of a segment's tree. A partition belongs to a child if it belongs to the parent and obeys the
  /// decision; the two children of a node have the same pair and opposite `together`, so that every partition
  /// belongs to one.
  struct Node {
    int parent = -1;  ///< an earlier node; -1: the root, which is the first
    /// The decision: does the group of column `single` hold `other`, or a column equal to it in integers? No
    /// other column equals `single`. Both are columns of the problem; -1 at the root.
    int single = -1, other = -1;
    bool together = false;
    /// For each column of the segment, equal for equal columns, and below min(2^53, 2^58 / M) in size; or
    /// empty, which stands for zeros: the parent's bound is all that is claimed for this node then.
    std::vector<std::int64_t> duals;
  };
  /// Proof that no partition of a segment prunes less than `pruned`. Without nodes the row bound of the
  /// segment is what proves it.
  ///
  /// A group whose reduced cost at an ancestor (pruned magnitude minus its duals, the duals repaired so that
  /// no group's is negative) is at least `pruned` minus the sum of those duals over all columns is in no
  /// partition that prunes less than `pruned`; so nodes need to consider only the groups that are left, and
  /// that the decisions allow.
  struct Segment {
    std::int64_t pruned = 0;
    std::vector<Node> nodes;
  };

  double scale = 1;
  std::vector<Segment> segments;
};

}  // namespace nmperm
