// An observer that throws ends a solver, in whatever thread it was called.
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/heuristics/solver_cases.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

class ThrowingObserver : public ::testing::TestWithParam<testing::SolverCase> {};

INSTANTIATE_TEST_SUITE_P(Solvers, ThrowingObserver, ::testing::ValuesIn(testing::solver_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(ThrowingObserver, EndsTheSearchAndItsExceptionLeavesSolve) {
  struct Full : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 40, 64, 1), {2, 4});
  for (const int at : {1, 2}) {                              // the start, or the first improvement
    if (at == 2 && GetParam().name == "Identity") continue;  // which improves on nothing
    int calls = 0;
    SolveParameters parameters = GetParam().parameters(2);
    parameters.limits.iterations = Limits().iterations;  // nothing else ends it
    parameters.observer = [&](const TracePoint&) {
      if (++calls == at) throw Full("no space left");
    };
    EXPECT_THROW(GetParam().solver->solve(problem, parameters), Full) << at;
    EXPECT_EQ(calls, at);
  }
}

}  // namespace
}  // namespace nmperm
