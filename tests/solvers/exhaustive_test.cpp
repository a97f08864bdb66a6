#include "solvers/exhaustive.h"

#include <atomic>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

double best_kept(const Problem& problem) {
  double kept = 0;
  for (int s = 0; s < problem.segments().count(); ++s) {
    std::vector<int> columns(static_cast<std::size_t>(problem.segments().length(s)));
    std::iota(columns.begin(), columns.end(), problem.segments().begin(s));
    kept += testing::best_kept(problem.scores(), problem.pattern(), columns);
  }
  return kept;
}

void expect_optimum(const Problem& problem) {
  const Result result = ExhaustiveSolver().solve(problem);
  EXPECT_NEAR(result.magnitude.kept, best_kept(problem), 1e-10 * problem.magnitude().total);
  EXPECT_EQ(result.status, Status::kOptimal);
  ASSERT_TRUE(result.bound.has_value());
  EXPECT_EQ(result.bound->kept, result.magnitude.kept);
  EXPECT_EQ(result.gap, 0);
}

TEST(Exhaustive, EqualsBruteForceForSeveralPatterns) {
  for (const auto& [pattern, columns] : std::vector<std::pair<Pattern, int>>{{{1, 2}, 10},
                                                                             {{2, 4}, 16},
                                                                             {{1, 4}, 12},
                                                                             {{3, 4}, 12},
                                                                             {{2, 3}, 12},
                                                                             {{4, 8}, 16},
                                                                             {{1, 5}, 10}}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      SCOPED_TRACE(pattern.str() + " seed " + std::to_string(seed));
      expect_optimum(Problem(testing::random_scores(testing::Scores::kUniform, 12, columns, seed), pattern));
    }
  }
}

RC_GTEST_PROP(Exhaustive, EqualsBruteForceWithSegments, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(5);
  const Segments segments(*testing::arbitrary_segments(pattern, 2));
  const Problem problem(testing::random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 20),
                                               segments.columns(), testing::arbitrary_seed()),
                        pattern, segments);
  const Result result = ExhaustiveSolver().solve(problem);
  RC_ASSERT(std::abs(result.magnitude.kept - best_kept(problem)) <= 1e-12 * problem.magnitude().total);
  RC_ASSERT(result.status == Status::kOptimal);
}

TEST(Exhaustive, NeverLosesItsStart) {
  const Problem problem(testing::random_scores(testing::Scores::kTies, 6, 12, 1));
  SolveParameters parameters;
  parameters.start = ExhaustiveSolver().solve(problem).permutation;
  const Result again = ExhaustiveSolver().solve(problem, parameters);
  EXPECT_EQ(again.permutation, *parameters.start) << "an optimal start is not replaced by its equal";
}

TEST(Exhaustive, InterruptedReturnsTheStartWithoutProof) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 16, 24, 1));
  const std::atomic<bool> interrupt = true;
  SolveParameters parameters;
  parameters.interrupt = &interrupt;
  parameters.start = testing::shuffled(problem.segments(), 1);
  const Result result = ExhaustiveSolver().solve(problem, parameters);
  EXPECT_EQ(result.status, Status::kInterrupted);
  EXPECT_EQ(result.permutation, *parameters.start);
  EXPECT_FALSE(result.bound.has_value());
}

TEST(Exhaustive, IterationLimitLeavesWhatWouldExceedIt) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 16, 24, 1), {2, 4},
                        Segments({8, 16}));
  SolveParameters parameters;
  parameters.limits.iterations = 100;  // 8 columns have 37 sets, 16 columns 1 + 455 + ...
  const Result result = ExhaustiveSolver().solve(problem, parameters);
  EXPECT_EQ(result.status, Status::kFeasible);
  EXPECT_GT(result.magnitude.kept, result.magnitude.default_kept) << "the first segment";
  for (int i = 8; i < 24; ++i) EXPECT_EQ(result.permutation[static_cast<std::size_t>(i)], i);
}

TEST(Exhaustive, RefusesWhatNeedsTooMuchMemoryWithTheNumber) {
  const Problem problem(ScoreMatrix(1, 36));
  const std::string line = testing::refusal_of<UnsupportedError>([&] { ExhaustiveSolver().solve(problem); });
  EXPECT_NE(line.find("36 columns"), std::string::npos) << line;
  EXPECT_NE(line.find("5.3 GB"), std::string::npos) << line;
  EXPECT_NE(line.find("at most 32 columns"), std::string::npos) << line;
  EXPECT_NE(line.find("setpart"), std::string::npos) << line;
  EXPECT_TRUE(ExhaustiveSolver().supports(Problem(ScoreMatrix(1, 72), {2, 4}, Segments({24, 24, 24})),
                                          Options("exhaustive", {}, {})))
      << "segments are solved one by one";
  // C(128, 64) groups: refused before anything is counted in integers.
  EXPECT_THROW(ExhaustiveSolver().solve(Problem(ScoreMatrix(1, 128), {32, 64})), UnsupportedError);
}

TEST(Exhaustive, OneGroupIsNoChoice) {
  const Result result = ExhaustiveSolver().solve(Problem(ScoreMatrix(2, 64), {32, 64}));
  EXPECT_EQ(result.status, Status::kOptimal);
}

}  // namespace
}  // namespace nmperm
