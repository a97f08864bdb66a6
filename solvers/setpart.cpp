#include "solvers/setpart.h"

namespace nmperm {

const SolverInfo& SetPartSolver::info() const {
  static const SolverInfo kInfo = {
      .name = "setpart",
      .summary = "set partitioning over all groups by a mixed-integer solver: exact, for up to 68 columns",
      .reference = "Mahajan, Hwu, Nagi, Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8",
      .exact = true,
      .iteration_unit = kIterationUnit,
      .options = options_with("setpart"),
      .aliases = {"set-covering"}};
  return kInfo;
}

}  // namespace nmperm
