// What every solver promises, on every kind of problem.
#include <algorithm>
#include <atomic>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/heuristics/solver_cases.h"
#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

using testing::random_scores;
using testing::Scores;
using testing::solver_cases;
using testing::SolverCase;

class EverySolver : public ::testing::TestWithParam<SolverCase> {
 protected:
  bool takes(const Problem& problem) const {
    const Solver& solver = *GetParam().solver;
    return static_cast<bool>(
        solver.supports(problem, Options(solver.info().name, solver.info().options, GetParam().options)));
  }
  Result solve(const Problem& problem, const SolveParameters& parameters) const {
    return GetParam().solver->solve(problem, parameters);
  }
};

INSTANTIATE_TEST_SUITE_P(Solvers, EverySolver, ::testing::ValuesIn(solver_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(EverySolver, TakesAnyPatternAndSegmentsAndIsNoWorseThanItsStart) {
  EXPECT_TRUE(rc::check([&] {
    const Pattern pattern = *testing::arbitrary_pattern();
    const Segments segments(*testing::arbitrary_segments(pattern, 3));
    const Problem problem(random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 40),
                                        segments.columns(), testing::arbitrary_seed()),
                          pattern, segments);
    if (!takes(problem)) RC_DISCARD("not supported");
    SolveParameters parameters = GetParam().parameters(2, *rc::gen::arbitrary<std::uint64_t>());
    parameters.limits.iterations = std::min<std::int64_t>(parameters.limits.iterations, 2000);
    if (*rc::gen::arbitrary<bool>()) {
      parameters.start = testing::shuffled(segments, testing::arbitrary_seed());
    }
    const Result result = solve(problem, parameters);
    testing::expect_valid(problem, result);
    const double start =
        parameters.start ? problem.evaluate(*parameters.start).kept : problem.magnitude().default_kept;
    RC_ASSERT(!::testing::Test::HasFailure());
    RC_ASSERT(result.magnitude.kept >= start);
  }));
}

TEST_P(EverySolver, GivesTheSameAnswerForAnyNumberOfThreads) {
  struct Case {
    Scores kind;
    int rows;
    std::vector<int> segments;
  };
  for (const Case& c : {Case{Scores::kUniform, 40, {20}},
                        {Scores::kTies, 16, {20}},
                        {Scores::kUniform, 16, {8}},
                        {Scores::kTies, 8, {8}},
                        {Scores::kDeadColumns, 33, {12, 4, 8}},
                        {Scores::kEqualColumns, 20, {16}}}) {
    const Problem problem(random_scores(c.kind, c.rows, Segments(c.segments).columns(), 3), {2, 4},
                          Segments(c.segments));
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const Result one = solve(problem, GetParam().parameters(1, seed));
      for (const int threads : {2, 8}) {
        for (int repetition = 0; repetition < 2; ++repetition) {
          const Result more = solve(problem, GetParam().parameters(threads, seed));
          ASSERT_EQ(more.permutation, one.permutation)
              << testing::name_of(c.kind) << " " << c.rows << "x" << problem.columns() << ", seed " << seed
              << ", " << threads << " threads: " << more.magnitude.kept << " against " << one.magnitude.kept;
        }
      }
    }
  }
}

TEST_P(EverySolver, LeavesASegmentOfOneGroupAlone) {
  const Segments segments({4, 8, 4, 12, 4});
  const Problem problem(random_scores(Scores::kUniform, 20, segments.columns(), 5), {2, 4}, segments);
  const Result result = solve(problem, GetParam().parameters(2));
  testing::expect_valid(problem, result);
  for (const int s : {0, 2, 4}) {
    EXPECT_TRUE(std::is_permutation(result.permutation.begin() + segments.begin(s),
                                    result.permutation.begin() + segments.end(s),
                                    identity_permutation(32).begin() + segments.begin(s)));
  }
  const Problem single_groups(random_scores(Scores::kUniform, 20, 8, 5), {2, 4}, Segments({4, 4}));
  EXPECT_EQ(solve(single_groups, GetParam().parameters(2)).magnitude.kept,
            single_groups.magnitude().default_kept);
}

TEST_P(EverySolver, EndsOnHardInputs) {
  struct Shape {
    int rows, columns;
  };
  for (const Scores kind : testing::kAllScores) {
    for (const Shape& shape : {Shape{1, 16}, {40, 8}, {5, 4}, {3, 24}, {200, 12}}) {
      SCOPED_TRACE(testing::name_of(kind) + " " + std::to_string(shape.rows) + "x" +
                   std::to_string(shape.columns));
      const Problem problem(random_scores(kind, shape.rows, shape.columns, 1), {2, 4});
      SolveParameters parameters = GetParam().parameters();
      parameters.limits.iterations = std::min<std::int64_t>(parameters.limits.iterations, 4000);
      const Result result = solve(problem, parameters);
      testing::expect_valid(problem, result);
      EXPECT_GE(result.magnitude.kept, problem.magnitude().default_kept);
      if (kind == Scores::kAllEqual || kind == Scores::kAllZero) {
        EXPECT_EQ(result.permutation, identity_permutation(shape.columns));
        EXPECT_EQ(result.status, Status::kOptimal);
      }
    }
  }
}

TEST_P(EverySolver, StopsAtOnceWhenInterrupted) {
  const Problem problem(random_scores(Scores::kUniform, 64, 24, 1), {2, 4});
  const std::atomic<bool> interrupt = true;
  SolveParameters parameters = GetParam().parameters(2);
  parameters.limits.iterations = Limits().iterations;
  parameters.interrupt = &interrupt;
  const Result result = solve(problem, parameters);
  testing::expect_valid(problem, result);
  EXPECT_EQ(result.status, Status::kInterrupted);
  EXPECT_EQ(result.permutation, identity_permutation(24));
}

TEST_P(EverySolver, StopsAtOnceWithoutTime) {
  const Problem problem(random_scores(Scores::kUniform, 64, 24, 1), {2, 4});
  SolveParameters parameters = GetParam().parameters(2);
  parameters.limits.iterations = Limits().iterations;
  parameters.limits.time_s = 0;
  parameters.start = testing::shuffled(Segments(24), 4);
  const Result result = solve(problem, parameters);
  testing::expect_valid(problem, result);
  EXPECT_EQ(result.status, Status::kTimeLimit);
  EXPECT_EQ(result.permutation, parameters.start);
}

TEST_P(EverySolver, DoesNothingInNoIterations) {
  const Problem problem(random_scores(Scores::kUniform, 64, 24, 1), {2, 4});
  SolveParameters parameters = GetParam().parameters(2);
  parameters.limits.iterations = 0;
  const Result result = solve(problem, parameters);
  EXPECT_EQ(result.permutation, identity_permutation(24));
  EXPECT_EQ(result.status, Status::kFeasible);
}

TEST_P(EverySolver, FindsTheSameOnScaledScores) {
  // A power of two changes no rounding, neither near 1e38 nor near 1e-38.
  const Problem problem(random_scores(Scores::kUniform, 40, 24, 2), {2, 4});
  const Permutation expected = solve(problem, GetParam().parameters()).permutation;
  for (const int exponent : {100, -100}) {
    ScoreMatrix scores = problem.scores().clone();
    for (int c = 0; c < 24; ++c) {
      for (int r = 0; r < 40; ++r) scores.at(r, c) = std::ldexp(scores.at(r, c), exponent);
    }
    const Problem scaled(std::move(scores), {2, 4});
    ASSERT_NE(scaled.search_scale(), 1);
    const Result result = solve(scaled, GetParam().parameters());
    testing::expect_valid(scaled, result);
    EXPECT_EQ(result.permutation, expected) << "2^" << exponent;
  }
}

TEST_P(EverySolver, SaysWhatItIs) {
  const SolverInfo& info = GetParam().solver->info();
  EXPECT_FALSE(info.name.empty());
  EXPECT_FALSE(info.summary.empty());
  EXPECT_FALSE(info.iteration_unit.empty());
  EXPECT_FALSE(info.exact);
  OptionValues defaults;
  for (const OptionRecord& record : info.options) defaults[record.name] = record.default_value;
  EXPECT_NO_THROW(Options(info.name, info.options, defaults));  // the defaults lie in their ranges
}

}  // namespace
}  // namespace nmperm
