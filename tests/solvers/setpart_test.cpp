#include "solvers/setpart.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formulations/setpart.h"
#include "heuristics/annealing.h"
#include "heuristics/stripe_groups.h"
#include "solvers/backend_loader.h"
#include "solvers/exhaustive.h"
#include "solvers/solve_mip.h"
#include "tests/solvers/backends.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using SetPart = testing::WithEachBackend;

INSTANTIATE_TEST_SUITE_P(Built, SetPart, ::testing::ValuesIn(testing::built_backends()),
                         testing::backend_label);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SetPart);

SolveParameters with_backend(const std::string& name) {
  SolveParameters parameters;
  parameters.options["backend"] = name;
  return parameters;
}

// A run fails when a bound lies below what somebody keeps.
void expect_bound_holds(const Result& exact, double kept) {
  ASSERT_TRUE(exact.bound.has_value());
  EXPECT_GE(exact.bound->kept, kept * (1 - 1e-12)) << exact.solver << " with " << exact.bound->method;
}

TEST_P(SetPart, EqualsExhaustive) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Problem problem(testing::random_scores(testing::Scores::kUniform, 32, 16, seed));
    const Result result = SetPartSolver().solve(problem, with_backend(GetParam()));
    const Result optimum = ExhaustiveSolver().solve(problem);
    EXPECT_NEAR(result.magnitude.kept, optimum.magnitude.kept, 1e-10);
    EXPECT_EQ(result.status, Status::kOptimal);
    EXPECT_EQ(result.bound->method, "setpart " + GetParam());
    expect_bound_holds(result, optimum.magnitude.kept);
  }
}

TEST_P(SetPart, EqualsExhaustiveOnScoresOfAnyKind) {
  EXPECT_TRUE(rc::check([&] {
    const Pattern pattern = *testing::arbitrary_pattern(4);
    const Segments segments(*testing::arbitrary_segments(pattern, 3));
    const testing::Scores kind = *testing::arbitrary_kind();
    const Problem problem(
        testing::random_scores(kind, *rc::gen::inRange(1, 20), segments.columns(), testing::arbitrary_seed()),
        pattern, segments);
    const Result result = SetPartSolver().solve(problem, with_backend(GetParam()));
    const Result optimum = ExhaustiveSolver().solve(problem);
    RC_LOG() << pattern.str() << ' ' << testing::name_of(kind) << ' ' << problem.rows() << " rows, gap "
             << result.gap.value_or(-1) << " kept " << result.magnitude.kept;
    RC_ASSERT(std::abs(result.magnitude.kept - optimum.magnitude.kept) <=
              1e-7 * optimum.magnitude.pruned() + 1e-12 * optimum.magnitude.total);
    RC_ASSERT(result.status == Status::kOptimal);
    expect_bound_holds(result, optimum.magnitude.kept);
  }));
}

TEST_P(SetPart, NoHeuristicBeatsAProvenOptimum) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const Problem problem(testing::random_scores(testing::Scores::kHeavyTail, 24, 24, seed));
    const Result result = SetPartSolver().solve(problem, with_backend(GetParam()));
    ASSERT_EQ(result.status, Status::kOptimal);
    SolveParameters some_moves;
    some_moves.limits.iterations = 20'000;
    some_moves.seed = seed;
    const Result annealed = AnnealingSolver().solve(problem, some_moves);
    EXPECT_LE(annealed.magnitude.kept, result.magnitude.kept * (1 + 1e-12));
    expect_bound_holds(result, annealed.magnitude.kept);
    EXPECT_LE(StripeGroupsSolver().solve(problem).magnitude.kept, result.magnitude.kept * (1 + 1e-12));
  }
}

TEST_P(SetPart, InterruptedReturnsTheStart) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 16, 32, 1));
  const std::atomic<bool> interrupt = true;
  SolveParameters parameters = with_backend(GetParam());
  parameters.interrupt = &interrupt;
  parameters.start = testing::shuffled(problem.segments(), 1);
  const Result result = SetPartSolver().solve(problem, parameters);
  EXPECT_EQ(result.status, Status::kInterrupted);
  EXPECT_EQ(result.permutation, *parameters.start);
}

TEST_P(SetPart, WithoutTimeReturnsTheStart) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 16, 32, 1));
  SolveParameters parameters = with_backend(GetParam());
  parameters.limits.time_s = 0;
  parameters.start = testing::shuffled(problem.segments(), 1);
  const Result result = SetPartSolver().solve(problem, parameters);
  EXPECT_EQ(result.status, Status::kTimeLimit);
  EXPECT_EQ(result.permutation, *parameters.start);
}

TEST_P(SetPart, InterruptedInTheMiddleIsNotCalledOptimal) {
  // Whenever the interrupt comes, the result is valid, and optimal only if it is.
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 16, 20, 5));
  const double optimum = ExhaustiveSolver().solve(problem).magnitude.kept;
  for (int reports = 1; reports < 6; ++reports) {
    std::atomic<bool> interrupt = false;
    int seen = 0;
    SolveParameters parameters = with_backend(GetParam());
    parameters.interrupt = &interrupt;
    parameters.observer = [&](const TracePoint&) { interrupt = ++seen >= reports; };
    const Result result = SetPartSolver().solve(problem, parameters);
    EXPECT_LE(result.magnitude.kept, optimum * (1 + 1e-12));
    if (result.status == Status::kOptimal) {
      EXPECT_NEAR(result.magnitude.kept, optimum, 1e-9);
    }
    if (result.bound) expect_bound_holds(result, optimum);
  }
}

TEST_P(SetPart, StoppedAnywhereClaimsNothingFalse) {
  // Stopped inside an LP a solver may take the node for infeasible, and then the rest for all there is.
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 4, 24, 3));
  const auto partition = SetPartition::build(FormulationScope::whole(problem));
  const auto backend = load_backend(GetParam());
  const double optimum = problem.magnitude().total - ExhaustiveSolver().solve(problem).magnitude.kept;
  int most_calls = 0;
  MipRequest request;
  request.should_stop = [&] { return ++most_calls < 0; };
  ASSERT_EQ(solve_mip(*backend, partition->program(), request).status, MipStatus::kOptimal);
  const int step = std::max(1, most_calls / 40);
  for (int stop_at = 1; stop_at < most_calls; stop_at += step) {
    int calls = 0;
    request.should_stop = [&] { return ++calls >= stop_at; };
    const MipOutcome outcome = solve_mip(*backend, partition->program(), request);
    EXPECT_EQ(outcome.status, MipStatus::kStopped) << "call " << stop_at << " of " << most_calls;
    if (outcome.bound) {
      EXPECT_LE(*outcome.bound, optimum) << stop_at;
    }
    if (!outcome.values.empty()) {
      EXPECT_GE(outcome.objective, optimum * (1 - 1e-12)) << stop_at;
    }
  }
}

TEST_P(SetPart, NodeLimitMakesARunRepeatable) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 8, 32, 7));
  SolveParameters parameters = with_backend(GetParam());
  parameters.limits.iterations = 2;
  parameters.threads = 1;
  const Result one = SetPartSolver().solve(problem, parameters);
  parameters.threads = 8;
  const Result eight = SetPartSolver().solve(problem, parameters);
  EXPECT_EQ(one.permutation, eight.permutation);
  EXPECT_EQ(one.bound->kept, eight.bound->kept);
}

TEST(SetPartSolver, NamesAMissingBackend) {
  setenv("NMPERM_BACKEND_PATH", ::testing::TempDir().c_str(), 1);
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 4, 8, 1));
  const std::string line =
      testing::refusal_of<UnsupportedError>([&] { SetPartSolver().solve(problem, with_backend("glpk")); });
  unsetenv("NMPERM_BACKEND_PATH");
  EXPECT_NE(line.find("backend glpk"), std::string::npos) << line;
  EXPECT_NE(line.find("libglpk-dev"), std::string::npos) << line;
}

TEST(SetPartSolver, RefusesTooManyGroups) {
  const std::string line =
      testing::refusal_of<UnsupportedError>([] { SetPartSolver().solve(Problem(ScoreMatrix(1, 128))); });
  EXPECT_NE(line.find("1.07e+07 groups"), std::string::npos) << line;
}

}  // namespace
}  // namespace nmperm
