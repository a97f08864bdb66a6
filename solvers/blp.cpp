#include "solvers/blp.h"

namespace nmperm {

const SolverInfo& BlpSolver::info() const {
  static const SolverInfo kInfo = {
      .name = "blp",
      .summary = "compact linear program by a mixed-integer solver: exact, for about 16 columns",
      .reference = "Mahajan, Hwu, Nagi, Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8",
      .exact = true,
      .iteration_unit = kIterationUnit,
      .options = options_with("blp"),
      .aliases = {}};
  return kInfo;
}

}  // namespace nmperm
