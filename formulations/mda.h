// Multi-dimensional assignment: a group is a path through a network of C columns x M stages.
//
// Mahajan, Hwu, Nagi, "Determining optimal channel partition for 2:4 fine grained structured sparsity",
// Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8 (MDA).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "formulations/formulation.h"
#include "formulations/group_columns.h"
#include "formulations/group_values.h"

namespace nmperm {

/// A group q = {q_1 < ... < q_M} visits its columns in ascending order, one in each of M stages. Binary
/// x^s_ab = 1 where some group has column a in stage s and column b > a in stage s + 1 (a pairing); z_q = 1
/// where q is a group; D_q is the magnitude that the pattern prunes from q:
///     min  sum_q D_q z_q
///     s.t. sum_{q: q_s = a, q_s+1 = b} z_q = x^s_ab    for every stage s < M and a < b
///          sum_{q: i in q} z_q = 1                     for every column i.
/// The z_q need not be integer: where x is, each column has one successor at most, so that each pairing of
/// the first stage begins one path, which takes all of its unit.
///
/// That there are C/M pairings in each stage, and that no column has two successors or two predecessors, are
/// sums of these rows; the paper states them as rows of their own. The order within groups is fixed and
/// groups have no names, so there is no symmetry to break.
///
/// Any N:M whose groups can be listed. C(C,M) + (M-1) P columns, C + (M-1) P rows, (2M-1) C(C,M) + (M-1) P
/// entries, with P = (C-M+2)(C-M+1)/2 pairs in each stage. Its relaxation is that of setpart, at several
/// times the size.
class Mda : public Formulation {
 public:
  /// More groups than this (40 columns at 2:4) are refused: 180 MB, and CBC does not look at the clock when
  /// it checks solutions.
  static constexpr double kMostGroups = 1e5;
  /// Why a scope is refused (with numbers), or an empty string.
  static std::string refusal(const FormulationScope& scope);
  static constexpr const char* kAdvice =
      "setpart, the same relaxation with fewer rows, or annealing, which needs no table of groups";

  /// Null once the scope says stop. Throws UnsupportedError where refusal() says so. Time as for
  /// SetPartition.
  static std::unique_ptr<Mda> build(const FormulationScope& scope);

  /// Columns are z, then x by segment, stage and pair.
  const MixedIntegerProgram& program() const override { return program_; }
  std::vector<int> permutation(std::span<const double> solution) const override;
  std::vector<double> solution(std::span<const int> permutation) const override;
  const GroupValues* group_values(int i) const override { return &values_[static_cast<std::size_t>(i)]; }

 private:
  struct Pairings;

  Mda(const FormulationScope& scope, std::vector<GroupValues> values);
  void add_groups();
  void add_pairings();

  std::shared_ptr<const GroupColumns> groups_;
  std::shared_ptr<const Pairings> pairings_;
  std::vector<GroupValues> values_;
  MixedIntegerProgram program_{MixedIntegerProgram::Sense::kMinimize};
};

}  // namespace nmperm
