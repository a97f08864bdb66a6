// Exact pricing: all groups of a segment whose reduced cost is below a limit.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/problem.h"
#include "formulations/group_list.h"
#include "formulations/group_scan_kernel.h"
#include "formulations/integer_columns.h"

namespace nmperm {

/// What a scan found.
struct ScanResult {
  GroupList groups;             ///< every group whose reduced cost is below `limit`
  std::vector<double> reduced;  ///< its reduced cost
  double limit;                 ///< as asked for, or less: so that no more groups were found than asked for
};

/// What duals prove, repaired: sum of duals + 1/M sum over columns of min(0, least reduced cost of a group
/// with the column) is a lower bound on what any partition prunes, because every column lies in one group.
struct RepairedDuals {
  std::vector<double> duals;  ///< integers, for each type; no group has a negative reduced cost
  double bound;               ///< sum of the duals of all columns
};

/// Screens all groups (multisets of M types) by float32 or byte kernels whose error is bounded, and evaluates
/// in integers what they let pass: the answer is exact. The groups are streamed, none is stored but those
/// found. C^M / M! groups of R max-adds each: at R = 64 a core does 10^9 a second where it has AVX-512 VNNI.
class GroupScan {
 public:
  /// Panels of the segment's columns, 5 R C bytes.
  GroupScan(const Problem& problem, const IntegerColumns& columns);

  /// How many groups a scan looks at.
  double groups() const;

  /// Groups of reduced cost (integer pruned magnitude minus integer duals of its types) below `limit`; of
  /// more than `most` the least. In a fixed order, whatever the number of threads. Null once `should_stop`
  /// (may be empty, asked from any thread) says true.
  std::optional<ScanResult> scan(std::span<const double> duals, double limit, std::size_t most, int threads,
                                 const std::function<bool()>& should_stop = {}) const;

  /// The duals repaired by what a scan with them and a limit of at least 0 found. O(groups found).
  RepairedDuals repair(std::span<const double> duals, const ScanResult& result) const;

 private:
  class Worker;
  struct Unit {
    int last;            // the largest slot of the tuples
    std::size_t number;  // of the first tuple without it, in colexicographic order
    std::size_t count;
  };
  std::vector<Unit> units() const;

  const Problem& problem_;
  const IntegerColumns& columns_;
  std::vector<int> slot_type_;  // types that occur k times have min(k, M) slots, one after the other
  QuantisedScores bytes_;
  ScanPanels float_panels_, byte_panels_;
  double unit_;   // integers in a search score
  double slack_;  // error of a screened value, in search scores
  bool use_bytes_;
};

}  // namespace nmperm
