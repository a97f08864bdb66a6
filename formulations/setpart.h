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
#include "formulations/formulation.h"
#include "formulations/group_columns.h"
#include "formulations/group_values.h"
#include "formulations/mixed_integer_program.h"

namespace nmperm {

/// The set-partitioning program of some consecutive segments of a problem. A binary column for every M-subset
/// of every segment, a row for every column of the scores.
///
/// The cost D_q is the magnitude that the pattern *prunes* from group q, to be minimised. Kept magnitude
/// would do as well (both sum to the same total), but a MIP solver's tolerances and gaps are relative to the
/// objective, and gaps of this project are shares of the pruned magnitude, which is several times smaller.
/// Its relaxation leaves 0.04-0.25 % of that.
///
/// Values are in units of Problem::search_scores(). Time C(L, M) R max-adds for a segment of L columns;
/// memory about 12 M + 41 bytes for every group (89 for M = 4).
class SetPartition : public Formulation {
 public:
  enum class Rows {
    kPartition,  ///< every column in exactly one chosen group (= 1)
    /// Every column in at least one (>= 1), and L/M groups chosen from each segment, which leaves no room for
    /// any to be in two: the same solutions, but with nonnegative duals of the columns' rows.
    kCover
  };

  /// More groups than this are refused: copies in the MIP solvers cost a kilobyte each, and times get long.
  static constexpr double kMostGroups = 1e6;
  /// What to use where refusal() refuses.
  static constexpr const char* kAdvice = "annealing or stripe-groups, which search without a table of groups";

  /// Why a scope is refused (with numbers), or an empty string.
  static std::string refusal(const FormulationScope& scope);

  /// Null once the scope says stop. Throws UnsupportedError where refusal() says so.
  static std::unique_ptr<SetPartition> build(const FormulationScope& scope, Rows rows = Rows::kPartition);

  const MixedIntegerProgram& program() const override { return program_; }
  const GroupValues* group_values(int i) const override { return &values_[static_cast<std::size_t>(i)]; }
  std::vector<int> permutation(std::span<const double> solution) const override;
  std::vector<double> solution(std::span<const int> permutation) const override;
  /// Columns of a group, ascending.
  std::vector<int> group(int program_column) const { return groups_->group(program_column); }

 private:
  SetPartition(const FormulationScope& scope, std::vector<GroupValues> values, Rows rows);
  void add_segment(std::size_t segment, Rows rows);

  std::shared_ptr<const GroupColumns> groups_;  // shared with the functions that make names
  std::vector<GroupValues> values_;
  MixedIntegerProgram program_{MixedIntegerProgram::Sense::kMinimize};
};

}  // namespace nmperm
