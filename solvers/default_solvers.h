// The explicit list of all solvers that are plugged in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/solver.h"

namespace nmperm {

/// Every solver of this program. The order is that of `nmperm solvers` and of the documentation: first the
/// portfolio, then from what costs nothing over what searches longer to what proves, so that a reader meets
/// the simple ones first. Solvers are stateless; the list lives until the process ends.
const std::vector<std::unique_ptr<Solver>>& default_solvers();

/// The solver of this name or alias. Throws InputError, suggesting the nearest name, where there is none.
const Solver& find_solver(const std::string& name);

}  // namespace nmperm
