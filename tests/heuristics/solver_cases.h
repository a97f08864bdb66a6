// The solvers of heuristics/ in the settings under test, and what every result must satisfy.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/solver.h"
#include "heuristics/annealed_assignment.h"
#include "heuristics/annealing.h"
#include "heuristics/assignment.h"
#include "heuristics/channel_swap.h"
#include "heuristics/entropic_dive.h"
#include "heuristics/identity.h"
#include "heuristics/memetic.h"
#include "heuristics/random.h"
#include "heuristics/stripe_groups.h"
#include "tests/support/brute_force.h"

namespace nmperm::testing {

struct SolverCase {
  std::string name;
  std::shared_ptr<const Solver> solver;
  OptionValues options;
  std::int64_t iterations;

  SolveParameters parameters(int threads = 1, std::uint64_t seed = 0) const {
    SolveParameters parameters;
    parameters.options = options;
    parameters.limits.iterations = iterations;
    parameters.threads = threads;
    parameters.seed = seed;
    return parameters;
  }
};

inline void PrintTo(const SolverCase& solver_case, std::ostream* out) {
  *out << solver_case.name;
}

inline const std::vector<SolverCase>& solver_cases() {
  const auto stripe_groups = std::make_shared<StripeGroupsSolver>();
  static const std::vector<SolverCase> cases = {
      {"Identity", std::make_shared<IdentitySolver>(), {}, 1},
      {"Random", std::make_shared<RandomSolver>(), {}, 40},
      {"ChannelSwap", std::make_shared<ChannelSwapSolver>(), {{"bounded-regressions", "10"}}, 60},
      {"StripeGroups8", stripe_groups, {{"bounded-regressions", "10"}}, 60},
      {"StripeGroups8Single", stripe_groups, {{"pass", "single"}, {"bounded-regressions", "5"}}, 200},
      {"StripeGroups12", stripe_groups, {{"stripe-group-size", "12"}, {"bounded-regressions", "3"}}, 20},
      {"StripeGroups12Single",
       stripe_groups,
       {{"stripe-group-size", "12"}, {"pass", "single"}, {"bounded-regressions", "1"}},
       20},
      {"StripeGroups16", stripe_groups, {{"stripe-group-size", "16"}, {"bounded-regressions", "1"}}, 4},
      {"Annealing", std::make_shared<AnnealingSolver>(), {}, 20000},
      {"Assignment", std::make_shared<AssignmentSolver>(), {}, 200},
      {"AnnealedAssignment", std::make_shared<AnnealedAssignmentSolver>(), {}, 40},
      {"EntropicDive", std::make_shared<EntropicDiveSolver>(), {}, 3},
      {"Memetic", std::make_shared<MemeticSolver>(), {}, 60},
  };
  return cases;
}

/// A permutation inside its segments, figures that are the oracle's, and a trace that rises.
inline void expect_valid(const Problem& problem, const Result& result) {
  ASSERT_NO_THROW(validate_permutation(result.permutation, problem.segments(), "result"));
  const double kept = sorted_kept(problem.scores(), problem.pattern(), result.permutation);
  EXPECT_NEAR(result.magnitude.kept, kept, 1e-12 * kept);
  EXPECT_EQ(result.magnitude.kept, kept_magnitude(problem.scores(), problem.pattern(), result.permutation));
  EXPECT_EQ(result.magnitude.total, problem.magnitude().total);
  EXPECT_EQ(result.magnitude.default_kept, problem.magnitude().default_kept);
  EXPECT_EQ(result.magnitude.row_bound, problem.magnitude().row_bound);
  EXPECT_LE(kept, problem.magnitude().row_bound * (1 + 1e-12));
  ASSERT_FALSE(result.trace.empty());
  // What the search believed of its best is what the oracle says of it.
  EXPECT_NEAR(result.trace.back().kept, kept, 1e-5 * problem.magnitude().total);
  for (std::size_t i = 1; i < result.trace.size(); ++i) {
    EXPECT_GE(result.trace[i].kept, result.trace[i - 1].kept);
    EXPECT_GE(result.trace[i].seconds, result.trace[i - 1].seconds);
  }
}

}  // namespace nmperm::testing
