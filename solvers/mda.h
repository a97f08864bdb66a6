// Multi-dimensional assignment, solved by a mixed-integer solver.
#pragma once

#include "solvers/formulation_solver.h"

namespace nmperm {

/// Mda (formulations/mda.h) by a FormulationSolver. Exact, with the bounds of setpart from a program several
/// times as large.
class MdaSolver : public FormulationSolver {
 public:
  MdaSolver() : FormulationSolver("mda") {}
  const SolverInfo& info() const override;
};

}  // namespace nmperm
