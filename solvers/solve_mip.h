// Runs a MIP backend without trusting it: what it reports is checked, and its bounds get a safety margin.
#pragma once

#include "solvers/mip_backend.h"

namespace nmperm {

/// Relative safety margin of bounds from floating-point MIP solvers.
///
/// Where it comes from: solvers work to tolerances of 1e-7 or 1e-9 on reduced costs, rows and cutoffs,
/// against objective coefficients scaled to a mean of about 1000. A bound is thereby off by some 1e-9 of the
/// objective. The margin is a hundred times that, and a fifth of the gap (1e-6) below which a result is
/// called optimal.
inline constexpr double kMipBoundMargin = 2e-7;
/// Rows and integrality of reported solutions may be violated by this much.
inline constexpr double kMipFeasibility = 1e-6;

/// Solves `program` with `backend`. Beyond what the backend does:
/// - integer values are rounded, solutions that then violate a row are dropped, objectives are recomputed;
/// - incumbents and bounds only get better, beginning with the start, which is never lost;
/// - bounds (also the outcome's) are widened by kMipBoundMargin of |bound|;
/// - where a start is given, the relaxation is solved first; columns whose reduced costs say that no solution
///   with them is better than the start are left out (0.1-1 % of the groups of a set partitioning stay);
/// - an exception in a callback stops the backend and is thrown again from here;
/// Throws InternalError when the start is not feasible, or the backend fails.
MipOutcome solve_mip(const MipBackend& backend, const MixedIntegerProgram& program,
                     const MipRequest& request);

}  // namespace nmperm
