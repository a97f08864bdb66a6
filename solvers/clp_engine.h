// CLP (COIN-OR linear programming, EPL-2) as an LP engine; part of the CBC module.
#pragma once

#include <memory>

#include "solvers/lp_engine.h"

namespace nmperm {

/// `right_sides`: of the rows.
std::unique_ptr<LpEngine> make_clp_engine(const std::vector<double>& right_sides);

}  // namespace nmperm
