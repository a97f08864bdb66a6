// The linearised quadratic program, solved by a mixed-integer solver.
#pragma once

#include "solvers/formulation_solver.h"

namespace nmperm {

/// Bqp (formulations/bqp.h), linearised, by a FormulationSolver. Exact, and the weakest of the four programs.
class BqpSolver : public FormulationSolver {
 public:
  BqpSolver() : FormulationSolver("bqp") {}
  const SolverInfo& info() const override;
};

}  // namespace nmperm
