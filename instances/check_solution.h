// Recomputes every figure of a solution with the scalar oracle alone.
#pragma once

#include <string>
#include <vector>

#include "core/problem.h"
#include "instances/solution.h"

namespace nmperm {

/// A figure that is not what the permutation yields.
struct Discrepancy {
  std::string place;     ///< as in the file: "magnitude.kept"
  std::string recorded;  ///< what the solution says
  std::string expected;  ///< what it should say
};

/// Figures whose relative difference is at most this are taken as equal.
inline constexpr double kFigureTolerance = 1e-9;

/// All discrepancies of a solution of this problem (require_same_instance() holds): total, default, row
/// bound, kept, efficacy, bound not below kept, gap, and a status that agrees with the gap. Where there is no
/// bound, there must be no gap. O(R C).
std::vector<Discrepancy> check_solution(const Problem& problem, const Solution& solution);

}  // namespace nmperm
