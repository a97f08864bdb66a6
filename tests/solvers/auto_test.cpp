#include "solvers/auto.h"

#include <cmath>

#include <gtest/gtest.h>

#include "heuristics/stripe_groups.h"
#include "instances/load.h"
#include "solvers/exhaustive.h"
#include "tests/heuristics/solver_cases.h"
#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

using testing::random_scores;
using testing::Scores;

SolveParameters iterations(std::int64_t limit, int threads = 1, std::uint64_t seed = 0) {
  SolveParameters parameters;
  parameters.limits.iterations = limit;
  parameters.threads = threads;
  parameters.seed = seed;
  return parameters;
}

TEST(Auto, ProvesSixteenColumnsOptimal) {
  for (const Scores kind : {Scores::kUniform, Scores::kTies, Scores::kMostlyZero, Scores::kHeavyTail}) {
    for (const Pattern pattern : {Pattern{2, 4}, Pattern{1, 2}, Pattern{4, 8}}) {
      SCOPED_TRACE(testing::name_of(kind) + " " + pattern.str());
      const Problem problem(random_scores(kind, 24, 16, 7), pattern);
      const Result result = AutoSolver().solve(problem, iterations(5));
      testing::expect_valid(problem, result);
      EXPECT_EQ(result.status, Status::kOptimal);
      EXPECT_EQ(result.magnitude.kept, ExhaustiveSolver().solve(problem).magnitude.kept);
    }
  }
}

TEST(Auto, ProvesSegmentsOfSixteenColumnsOptimal) {
  const Problem problem(random_scores(Scores::kUniform, 24, 48, 7), {2, 4}, Segments({16, 8, 16, 8}));
  const Result result = AutoSolver().solve(problem, iterations(5));
  testing::expect_valid(problem, result);
  EXPECT_EQ(result.status, Status::kOptimal);
}

TEST(Auto, ProvesFortyColumnsOptimalWhenThereIsTime) {
  const Problem problem(random_scores(Scores::kUniform, 24, 40, 3));
  SolveParameters parameters;
  parameters.limits.time_s = 200;  // far more than it takes: it ends with the proof
  const Result result = AutoSolver().solve(problem, parameters);
  testing::expect_valid(problem, result);
  EXPECT_EQ(result.status, Status::kOptimal);
  EXPECT_EQ(result.bound->method, "branch-and-price");
}

TEST(Auto, ProvesGroupsOfTwoOptimalByMatching) {
  const Problem problem(random_scores(Scores::kHeavyTail, 20, 60, 3), {1, 2});
  SolveParameters parameters;
  parameters.limits.time_s = 200;
  const Result result = AutoSolver().solve(problem, parameters);
  testing::expect_valid(problem, result);
  EXPECT_EQ(result.status, Status::kOptimal);
  EXPECT_EQ(result.bound->method, "matching");
}

TEST(Auto, EndsOnHardInputs) {
  struct Shape {
    int rows;
    std::vector<int> segments;
  };
  for (const Scores kind : testing::kAllScores) {
    for (const Shape& shape : {Shape{1, {24}}, {40, {4}}, {3, {20, 4}}, {70, {40}}, {5, {200}}}) {
      const Segments segments(shape.segments);
      SCOPED_TRACE(testing::name_of(kind) + " " + std::to_string(shape.rows) + "x" +
                   std::to_string(segments.columns()));
      const Problem problem(random_scores(kind, shape.rows, segments.columns(), 1), {2, 4}, segments);
      const Result result = AutoSolver().solve(problem, iterations(10));
      testing::expect_valid(problem, result);
      EXPECT_GE(result.magnitude.kept, problem.magnitude().default_kept);
    }
  }
}

TEST(Auto, GivesTheSameAnswerForAnyNumberOfThreads) {
  for (const int columns : {16, 48, AutoSolver::kMemeticColumns, AutoSolver::kMemeticColumns + 4}) {
    const Problem problem(random_scores(Scores::kUniform, 40, columns, 3), {2, 4});
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
      const Result one = AutoSolver().solve(problem, iterations(20, 1, seed));
      for (const int threads : {2, 8}) {
        const Result more = AutoSolver().solve(problem, iterations(20, threads, seed));
        EXPECT_EQ(more.permutation, one.permutation)
            << columns << " columns, seed " << seed << ", " << threads << " threads";
      }
    }
  }
}

TEST(Auto, IsNoWorseThanItsStart) {
  for (const int columns : {16, 48, AutoSolver::kMemeticColumns + 4}) {
    const Problem problem(random_scores(Scores::kUniform, 20, columns, 3), {2, 4});
    SolveParameters parameters = iterations(0);
    parameters.start = AutoSolver().solve(problem, iterations(30)).permutation;
    const Result result = AutoSolver().solve(problem, parameters);
    testing::expect_valid(problem, result);
    EXPECT_GE(result.magnitude.kept, problem.evaluate(*parameters.start).kept) << columns;
  }
}

TEST(Auto, IsNotBelowStripeGroups) {
  const Problem problem(load_instance("random:128x64:1").scores, {2, 4});
  const double reference = StripeGroupsSolver().solve(problem, iterations(200)).magnitude.kept;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    EXPECT_GE(AutoSolver().solve(problem, iterations(200, 2, seed)).magnitude.kept, reference) << seed;
  }
}

TEST(Auto, StagesReportUnderTheirOwnNames) {
  const Problem problem(random_scores(Scores::kUniform, 40, 48, 3), {2, 4});
  const Result result = AutoSolver().solve(problem, iterations(20));
  EXPECT_EQ(result.solver, "auto");
  ASSERT_GE(result.trace.size(), 2u);
  EXPECT_EQ(result.trace.front().source, "auto");
  EXPECT_EQ(result.trace[1].source, "entropic-dive");
}

}  // namespace
}  // namespace nmperm
