// The quadratic program: which group every column is in, and which entries are deleted; and its
// linearisation.
//
// Mahajan, Hwu, Nagi, "Determining optimal channel partition for 2:4 fine grained structured sparsity",
// Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8 (BQP).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "formulations/formulation.h"
#include "formulations/group_assignment.h"

namespace nmperm {

/// With s_ij the score of column i in row j, x_ik as in GroupAssignment, and y_ij = 1 where the entry of
/// column i is deleted from row j:
///     min  sum_ij s_ij y_ij
///     s.t. sum_i x_ik y_ij = M - N    for every row j and group k
/// and the rows of GroupAssignment. The y_ij need not be integer: with x fixed the rest falls apart into the
/// choice of the M - N smallest of M scores. Any N:M. R C + C G columns, R G + C + G rows, R C G products
/// (G = C/M groups).
///
/// Linearised (McCormick, Math. Programming 10, 1976, DOI 10.1007/BF01580665) with w_ijk for x_ik y_ij:
///     sum_i w_ijk = M - N,    w_ijk <= x_ik,    w_ijk <= y_ij.
/// The fourth side of the envelope, w_ijk >= x_ik + y_ij - 1, is left out: it only forbids deletions beyond
/// M - N, and those cost, so that no optimum needs it. R C G + R C + C G columns, 2 R C G + R G + C + G rows.
/// The weakest of all relaxations here: with x_ik = 1/G, deletions of a G-th of each entry do.
class Bqp : public Formulation {
 public:
  /// More products than this are refused.
  static constexpr double kMostProducts = 1e6;
  /// Why a scope is refused (with numbers), or an empty string.
  static std::string refusal(const FormulationScope& scope);
  static constexpr const char* kAdvice =
      "setpart, whose size does not depend on the rows, or annealing, which needs no program";

  /// Null once the scope says stop. Throws UnsupportedError where refusal() says so. O(R C G).
  static std::unique_ptr<Bqp> build(const FormulationScope& scope, SymmetryBreaking symmetry_breaking);

  /// The linearised program. Its columns are x, y, w in this order.
  const MixedIntegerProgram& program() const override { return program_; }
  /// Its columns are x and y. O(R C G).
  std::optional<QuadraticProgram> quadratic() const override;

  std::vector<int> permutation(std::span<const double> solution) const override;
  std::vector<double> solution(std::span<const int> permutation) const override;

 private:
  Bqp(const FormulationScope& scope, SymmetryBreaking symmetry_breaking);
  void add_shared_rows(MixedIntegerProgram& program) const;
  void add_assignments(MixedIntegerProgram& program, bool linearised) const;
  void add_deletions(MixedIntegerProgram& program, bool linearised) const;
  void add_products();
  void set_names(MixedIntegerProgram& program) const;
  int select_row(int row_of_scores, int group) const;

  FormulationScope scope_;
  std::shared_ptr<const GroupAssignment> assignment_;
  int columns_;  // of the scope
  MixedIntegerProgram program_{MixedIntegerProgram::Sense::kMinimize};
};

}  // namespace nmperm
