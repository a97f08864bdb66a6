#include "solvers/bqp.h"

namespace nmperm {

const SolverInfo& BqpSolver::info() const {
  static const SolverInfo kInfo = {
      .name = "bqp",
      .summary = "quadratic program, linearised, by a mixed-integer solver: exact, for about 12 columns",
      .reference = "Mahajan, Hwu, Nagi, Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8",
      .exact = true,
      .iteration_unit = kIterationUnit,
      .options = options_with("bqp"),
      .aliases = {}};
  return kInfo;
}

}  // namespace nmperm
