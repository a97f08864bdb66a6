// --solver, --option, --seed, --threads and the limits, as `solve` and `apply` take them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/solver.h"

namespace nmperm {

struct SearchOptions {
  std::string solver = "auto";
  std::vector<std::string> solver_options;
  std::optional<double> time_limit_s;  ///< null: 10, or none where only an iteration limit is given
  std::optional<std::int64_t> iteration_limit;
  double gap_limit = 0;
  int threads = 0;
  std::uint64_t seed = 0;

  /// Throws InputError on options that the solver does not have.
  SolveParameters parameters(const Solver& with) const;
};

}  // namespace nmperm
