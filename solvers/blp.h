// The compact linear program, solved by a mixed-integer solver.
#pragma once

#include "solvers/formulation_solver.h"

namespace nmperm {

/// Blp (formulations/blp.h) by a FormulationSolver. Exact; ends within a minute up to about 16 columns.
class BlpSolver : public FormulationSolver {
 public:
  BlpSolver() : FormulationSolver("blp") {}
  const SolverInfo& info() const override;
};

}  // namespace nmperm
