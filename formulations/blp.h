// The compact linear program: which group every column is in, and what is deleted from it in every row.
//
// Mahajan, Hwu, Nagi, "Determining optimal channel partition for 2:4 fine grained structured sparsity",
// Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8 (BLP).
#pragma once

#include <memory>
#include <string>

#include "formulations/formulation.h"
#include "formulations/group_assignment.h"

namespace nmperm {

/// With s_ij the score of column i in row j, x_ik as in GroupAssignment, and z_ijk = 1 where the entry of
/// column i, a member of group k, is deleted from row j:
///     min  sum_ijk s_ij z_ijk
///     s.t. sum_i z_ijk = M - N    for every row j and group k
///          z_ijk <= x_ik          for every i, j, k
/// and the rows of GroupAssignment. The z_ijk need not be integer: with x fixed the rest falls apart into the
/// choice of the M - N smallest of M scores. Any N:M.
///
/// Weak: x_ik = 1/G makes the relaxation no better than the row bound, so everything is up to branching.
/// R C G + C G columns, R C G + R G + C + G rows, 3 R C G + 2 C G entries (G = C/M groups), and what symmetry
/// breaking adds.
class Blp : public Formulation {
 public:
  /// More z_ijk than this are refused.
  static constexpr double kMostProducts = 1e6;
  /// Why a scope is refused (with numbers), or an empty string.
  static std::string refusal(const FormulationScope& scope);
  static constexpr const char* kAdvice =
      "setpart, whose size does not depend on the rows, or annealing, which needs no program";

  /// Null once the scope says stop. Throws UnsupportedError where refusal() says so. O(R C G).
  static std::unique_ptr<Blp> build(const FormulationScope& scope, SymmetryBreaking symmetry_breaking);

  const MixedIntegerProgram& program() const override { return program_; }
  std::vector<int> permutation(std::span<const double> solution) const override;
  std::vector<double> solution(std::span<const int> permutation) const override;

 private:
  Blp(const FormulationScope& scope, SymmetryBreaking symmetry_breaking);
  void add_columns();
  void set_names();

  FormulationScope scope_;
  std::shared_ptr<const GroupAssignment> assignment_;
  MixedIntegerProgram program_{MixedIntegerProgram::Sense::kMinimize};
};

}  // namespace nmperm
