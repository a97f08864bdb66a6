// The solvers that hand a program to a mixed-integer solver: all find what exhaustive search finds.
#include "solvers/formulation_solver.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formulations/default_formulations.h"
#include "heuristics/annealing.h"
#include "solvers/backend_loader.h"
#include "solvers/default_solvers.h"
#include "solvers/exhaustive.h"
#include "solvers/solve_mip.h"
#include "tests/solvers/backends.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;

/// A solver and a backend.
class FormulationSolvers : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  const Solver& solver() const { return find_solver(std::get<0>(GetParam())); }
  std::string backend() const { return std::get<1>(GetParam()); }
  SolveParameters parameters() const {
    SolveParameters parameters;
    parameters.options["backend"] = backend();
    return parameters;
  }
  Result solve(const Problem& problem) const { return solver().solve(problem, parameters()); }

  /// Solves to proven optimality, and compares.
  void expect_optimum(const Problem& problem) const {
    const Result result = solve(problem);
    const double optimum = ExhaustiveSolver().solve(problem).magnitude.kept;
    EXPECT_NEAR(result.magnitude.kept, optimum, 1e-12 * problem.magnitude().total);
    EXPECT_EQ(result.status, Status::kOptimal);
    ASSERT_TRUE(result.bound.has_value());
    EXPECT_EQ(result.bound->method, std::get<0>(GetParam()) + " " + backend());
    EXPECT_GE(result.bound->kept, optimum * (1 - 1e-12));
  }
};

INSTANTIATE_TEST_SUITE_P(Built, FormulationSolvers,
                         ::testing::Combine(::testing::Values("bqp", "blp", "mda", "setpart"),
                                            ::testing::ValuesIn(testing::built_backends())),
                         [](const auto& test) {
                           return std::get<0>(test.param) + "_" + std::get<1>(test.param);
                         });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FormulationSolvers);

TEST_P(FormulationSolvers, EqualExhaustiveWith8Columns) {
  for (const int rows : {8, 16}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      expect_optimum(Problem(testing::random_scores(testing::Scores::kUniform, rows, 8, seed)));
    }
  }
}

TEST_P(FormulationSolvers, EqualExhaustiveWith12Columns) {
  const int rows = std::get<0>(GetParam()) == "bqp" ? 4 : 16;  // bqp takes half a minute for 16
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    expect_optimum(Problem(testing::random_scores(testing::Scores::kHeavyTail, rows, 12, seed)));
  }
}

TEST_P(FormulationSolvers, EqualExhaustiveOnScoresOfAnyKind) {
  EXPECT_TRUE(rc::check([&] {
    const Pattern pattern = *testing::arbitrary_pattern(4);
    const Segments segments(*testing::arbitrary_segments(pattern, pattern.group < 4 ? 3 : 2));
    const testing::Scores kind = *testing::arbitrary_kind();
    const Problem problem(
        testing::random_scores(kind, *rc::gen::inRange(1, 5), segments.columns(), testing::arbitrary_seed()),
        pattern, segments);
    SolveParameters given = parameters();
    for (const OptionRecord& option : solver().info().options) {
      if (option.name != "backend") given.options[option.name] = *rc::gen::elementOf(option.choices);
    }
    given.start = testing::shuffled(segments, testing::arbitrary_seed());
    const Result result = solver().solve(problem, given);
    const double optimum = ExhaustiveSolver().solve(problem).magnitude.kept;
    RC_LOG() << pattern.str() << ' ' << testing::name_of(kind) << ' ' << problem.rows() << " rows, gap "
             << result.gap.value_or(-1) << " kept " << result.magnitude.kept << " optimum " << optimum;
    RC_ASSERT(std::abs(result.magnitude.kept - optimum) <=
              1e-7 * (problem.magnitude().total - optimum) + 1e-12 * problem.magnitude().total);
    RC_ASSERT(result.status == Status::kOptimal);
    RC_ASSERT(result.bound->kept >= optimum * (1 - 1e-12));
  }));
}

TEST_P(FormulationSolvers, TheBackendFindsTheOptimumWithoutAStart) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 8, 8, 11), {2, 4});
  const FormulationKind& kind = find_formulation(std::get<0>(GetParam()));
  const auto formulation = kind.build(FormulationScope::whole(problem), Options(kind.name, kind.options, {}));
  int incumbents = 0;
  MipRequest request;
  request.on_incumbent = [&](double, const std::vector<double>& values) {
    ++incumbents;
    EXPECT_NO_THROW(validate_permutation(formulation->permutation(values), problem.segments(), "incumbent"));
  };
  const MipOutcome outcome = solve_mip(*load_backend(backend()), formulation->program(), request);
  ASSERT_EQ(outcome.status, MipStatus::kOptimal);
  EXPECT_GE(incumbents, 1);
  const double kept = problem.evaluate(formulation->permutation(outcome.values)).kept;
  EXPECT_NEAR(kept, ExhaustiveSolver().solve(problem).magnitude.kept, 1e-10);
  EXPECT_NEAR(outcome.objective, problem.magnitude().total - kept, 1e-5);
}

TEST_P(FormulationSolvers, EveryOptionFindsTheOptimum) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 6, 8, 5));
  const double optimum = ExhaustiveSolver().solve(problem).magnitude.kept;
  for (const OptionRecord& option : solver().info().options) {
    if (option.name == "backend") continue;
    for (const std::string& value : option.choices) {
      SolveParameters given = parameters();
      given.options[option.name] = value;
      const Result result = solver().solve(problem, given);
      EXPECT_NEAR(result.magnitude.kept, optimum, 1e-10) << option.name << '=' << value;
      EXPECT_EQ(result.status, Status::kOptimal) << option.name << '=' << value;
    }
  }
}

TEST_P(FormulationSolvers, WithoutTimeReturnTheStart) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 8, 16, 1));
  SolveParameters given = parameters();
  given.limits.time_s = 0;
  given.start = testing::shuffled(problem.segments(), 1);
  const Result result = solver().solve(problem, given);
  EXPECT_EQ(result.status, Status::kTimeLimit);
  EXPECT_EQ(result.permutation, *given.start);
}

TEST_P(FormulationSolvers, InterruptedInTheMiddleClaimNothingFalse) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 12, 12, 5));
  const double optimum = ExhaustiveSolver().solve(problem).magnitude.kept;
  for (int reports = 1; reports < 4; ++reports) {
    std::atomic<bool> interrupt = false;
    int seen = 0;
    SolveParameters given = parameters();
    given.limits.iterations = 200;
    given.interrupt = &interrupt;
    given.observer = [&](const TracePoint&) { interrupt = ++seen >= reports; };
    const Result result = solver().solve(problem, given);
    EXPECT_LE(result.magnitude.kept, optimum * (1 + 1e-12));
    if (result.bound) {
      EXPECT_GE(result.bound->kept, optimum * (1 - 1e-12));
    }
    if (result.status == Status::kOptimal) {
      EXPECT_NEAR(result.magnitude.kept, optimum, 1e-9);
    }
  }
}

TEST_P(FormulationSolvers, NodeLimitMakesARunRepeatable) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 8, 12, 7));
  SolveParameters given = parameters();
  given.limits.iterations = 3;
  given.threads = 1;
  const Result one = solver().solve(problem, given);
  given.threads = 8;
  const Result eight = solver().solve(problem, given);
  EXPECT_EQ(one.permutation, eight.permutation);
  ASSERT_TRUE(one.bound && eight.bound);
  EXPECT_EQ(one.bound->kept, eight.bound->kept);
}

TEST_P(FormulationSolvers, ReportIncumbentsAndBoundsAsTheyAppear) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 8, 12, 9), {2, 4},
                        Segments({4, 8}));
  const Result result = solve(problem);
  ASSERT_GE(result.trace.size(), 2u);
  for (std::size_t i = 1; i < result.trace.size(); ++i) {
    EXPECT_GE(result.trace[i].kept, result.trace[i - 1].kept);
    if (result.trace[i - 1].bound) {
      EXPECT_LE(*result.trace[i].bound, *result.trace[i - 1].bound);
    }
  }
}

TEST(FormulationSolver, NamesAMissingBackend) {
  setenv("NMPERM_BACKEND_PATH", ::testing::TempDir().c_str(), 1);
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 4, 8, 1));
  for (const char* name : {"bqp", "blp", "mda", "setpart"}) {
    SolveParameters parameters;
    parameters.options["backend"] = "glpk";
    const std::string line =
        testing::refusal_of<UnsupportedError>([&] { find_solver(name).solve(problem, parameters); });
    EXPECT_THAT(line, HasSubstr("backend glpk")) << name;
    EXPECT_THAT(line, HasSubstr("libglpk-dev")) << name;
  }
  unsetenv("NMPERM_BACKEND_PATH");
}

TEST(FormulationSolver, RefusesAbsurdSizesWithWhatToUse) {
  for (const char* name : {"bqp", "blp", "mda", "setpart"}) {
    const std::string line = testing::refusal_of<UnsupportedError>(
        [&] { find_solver(name).solve(Problem(ScoreMatrix(128, 512))); });
    EXPECT_THAT(line, HasSubstr(std::string("solver ") + name));
    EXPECT_THAT(line, HasSubstr(" GB in the MIP solver")) << name;
    EXPECT_THAT(line, HasSubstr("annealing")) << name;
  }
  // Segments are solved one by one.
  const Problem in_segments(ScoreMatrix(1, 512), {2, 4}, Segments(std::vector<int>(32, 16)));
  SolveParameters none;
  none.limits.time_s = 0;
  EXPECT_NO_THROW(find_solver("mda").solve(in_segments, none));
}

}  // namespace
}  // namespace nmperm
