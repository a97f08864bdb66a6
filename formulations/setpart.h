// Set partitioning over all groups: min sum_q D_q x_q, every column in exactly one chosen group.
//
// Mahajan, Hwu, Nagi, "Determining optimal channel partition for 2:4 fine grained structured sparsity",
// Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/problem.h"
#include "formulations/group_values.h"
#include "formulations/mixed_integer_program.h"

namespace nmperm {

/// The set-partitioning program of some consecutive segments of a problem. A binary column for every M-subset
/// of every segment, a row (= 1) for every column of the scores.
///
/// The cost D_q is the magnitude that the pattern *prunes* from group q, to be minimised. Kept magnitude
/// would do as well (both sum to the same total), but a MIP solver's tolerances and gaps are relative to the
/// objective, and gaps of this project are shares of the pruned magnitude, which is several times smaller.
/// Its relaxation leaves 0.04-0.25 % of that.
///
/// Values are in units of Problem::search_scores(). Time C(L, M) R max-adds for a segment of L columns;
/// memory about 12 M + 41 bytes for every group (89 for M = 4).
class SetPartition {
 public:
  /// More groups than this are refused: copies in the MIP solvers cost a kilobyte each, and times get long.
  static constexpr double kMostGroups = 1e6;
  /// What to use where refusal() refuses.
  static constexpr const char* kAdvice = "annealing or stripe-groups, which search without a table of groups";

  /// Groups of all segments, as a double because it may exceed every integer.
  static double group_count(const Segments& segments, const Pattern& pattern);
  /// Why these segments are refused (with numbers), or an empty string.
  static std::string refusal(const Segments& segments, const Pattern& pattern);

  /// The program of segments first_segment .. first_segment + segment_count - 1. Null once `should_stop`
  /// (may be empty, is asked from any thread) says true. Throws UnsupportedError where refusal() says so.
  static std::optional<SetPartition> build(const Problem& problem, int first_segment, int segment_count,
                                           int threads, const std::function<bool()>& should_stop = {});
  /// The program of all segments.
  static std::optional<SetPartition> build(const Problem& problem, int threads,
                                           const std::function<bool()>& should_stop = {}) {
    return build(problem, 0, problem.segments().count(), threads, should_stop);
  }

  const MixedIntegerProgram& program() const { return program_; }
  /// The group values of the i-th segment of this program.
  const GroupValues& values(int i) const { return values_[static_cast<std::size_t>(i)]; }

  /// Groups chosen by a 0/1 solution (rounded), as a permutation of the columns of these segments, canonical
  /// in each. Throws InternalError unless every column is in exactly one chosen group. O(number of groups).
  std::vector<int> permutation(std::span<const double> solution) const;
  /// The 0/1 solution that chooses the groups of a permutation of the columns of these segments.
  std::vector<double> solution(std::span<const int> permutation) const;
  /// Columns of a group, ascending.
  std::vector<int> group(int program_column) const;

 private:
  /// Which groups the program's columns are; shared with the functions that make names.
  struct Layout;

  SetPartition(std::shared_ptr<const Layout> layout, std::vector<GroupValues> values);
  void add_segment(const GroupValues& values);

  std::shared_ptr<const Layout> layout_;
  std::vector<GroupValues> values_;
  MixedIntegerProgram program_{MixedIntegerProgram::Sense::kMinimize};
};

}  // namespace nmperm
