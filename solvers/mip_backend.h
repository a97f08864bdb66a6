// The interface between formulations and mixed-integer solvers. Implementations live in modules that are
// loaded at run time (backend_loader.h); no solver's own header appears here.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formulations/mixed_integer_program.h"
#include "solvers/lp_engine.h"

namespace nmperm {

/// What a caller asks of one MIP run. Objectives and bounds are those of the program, in its own sense.
struct MipRequest {
  double time_limit_s = kInfinity;  ///< wall clock
  long long node_limit = std::numeric_limits<long long>::max();
  std::optional<std::vector<double>> start;  ///< a feasible solution
  /// Asked often, also inside LP solves. May be empty.
  std::function<bool()> should_stop;
  /// A better solution than all before. May be empty.
  std::function<void(double objective, const std::vector<double>& values)> on_incumbent;
  /// A better bound than all before. May be empty.
  std::function<void(double bound)> on_bound;
  /// The backend multiplies the objective by this, so that its absolute tolerances (about 1e-7 on reduced
  /// costs) are small against it; everything that it returns is divided again.
  double objective_scale = 1;
};

enum class MipStatus {
  kOptimal,     ///< search exhausted: the solution is optimal up to the bound's margin
  kInfeasible,  ///< search exhausted without a solution
  kUnbounded,
  kStopped,  ///< by a limit or by should_stop
  kFailed    ///< the solver gave up; `message` says why
};

struct MipOutcome {
  MipStatus status = MipStatus::kFailed;
  std::vector<double> values;   ///< best solution, empty where none is known
  double objective = 0;         ///< of `values`
  std::optional<double> bound;  ///< no solution is better than this; null where nothing is known
  std::string message;
};

struct LpOutcome {
  MipStatus status = MipStatus::kFailed;  ///< of the relaxation
  std::vector<double> row_duals;          ///< where optimal: reduced costs are c - A^T row_duals
  std::string message;
};

/// A mixed-integer solver and its LP solver. Callers use solve_mip() (solve_mip.h), which checks what goes in
/// and comes out.
class MipBackend {
 public:
  virtual ~MipBackend() = default;
  /// Name and version of the solver behind it, for logs.
  virtual std::string description() const = 0;
  /// Solves the relaxation (no variable integer), within the request's limits; its start is not used.
  virtual LpOutcome relax(const MixedIntegerProgram& program, const MipRequest& request) const = 0;
  /// Solves to optimality (no gap is allowed for), within the request's limits. Prints nothing. The
  /// callbacks must not throw.
  virtual MipOutcome solve(const MixedIntegerProgram& program, const MipRequest& request) const = 0;
  /// Its LP solver with rows of these right sides and no column.
  virtual std::unique_ptr<LpEngine> lp_engine(const std::vector<double>& right_sides) const = 0;
};

}  // namespace nmperm
