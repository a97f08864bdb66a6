// GLPK's simplex method (GPL-3) as an LP engine; part of the GLPK module.
#pragma once

#include <memory>

#include "solvers/lp_engine.h"

namespace nmperm {

/// `right_sides`: of the rows.
std::unique_ptr<LpEngine> make_glpk_engine(const std::vector<double>& right_sides);

}  // namespace nmperm
