#include "solvers/mda.h"

namespace nmperm {

const SolverInfo& MdaSolver::info() const {
  static const SolverInfo kInfo = {
      .name = "mda",
      .summary = "multi-dimensional assignment by a mixed-integer solver: exact, for about 32 columns",
      .reference = "Mahajan, Hwu, Nagi, Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8",
      .exact = true,
      .iteration_unit = kIterationUnit,
      .options = options_with("mda"),
      .aliases = {}};
  return kInfo;
}

}  // namespace nmperm
