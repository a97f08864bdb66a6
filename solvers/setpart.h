// Set partitioning over all groups, solved by a mixed-integer solver.
#pragma once

#include "solvers/formulation_solver.h"

namespace nmperm {

/// SetPartition (formulations/setpart.h) by a FormulationSolver. Exact: seconds up to about 48 columns at
/// 2:4, more with luck; refused above 68 (1 million groups).
class SetPartSolver : public FormulationSolver {
 public:
  SetPartSolver() : FormulationSolver("setpart") {}
  const SolverInfo& info() const override;
};

}  // namespace nmperm
