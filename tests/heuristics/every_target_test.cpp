// Whole searches on every instruction set: vectors of other widths add float32 scores in another order, which
// must not decide where a search goes.
#include <gtest/gtest.h>

#include "tests/core/targets.h"
#include "tests/heuristics/solver_cases.h"
#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

using testing::kernel_targets;
using testing::OnTarget;
using testing::random_scores;
using testing::Scores;
using testing::solver_cases;
using testing::SolverCase;

class EverySolverOnEveryTarget : public ::testing::TestWithParam<SolverCase> {};

INSTANTIATE_TEST_SUITE_P(Solvers, EverySolverOnEveryTarget, ::testing::ValuesIn(solver_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EverySolverOnEveryTarget, FindsTheSame) {
  const Problem problem(random_scores(Scores::kUniform, 61, 24, 5));
  double first = 0;
  for (const std::int64_t target : kernel_targets()) {
    const OnTarget on_target(target);
    const double kept = GetParam().solver->solve(problem, GetParam().parameters(1, 3)).magnitude.kept;
    if (first == 0) first = kept;
    EXPECT_NEAR(kept, first, 1e-6 * first) << testing::target_name(target);
  }
}

}  // namespace
}  // namespace nmperm
