#include "core/problem.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/group_kernels.h"
#include "tests/support/brute_force.h"
#include "tests/support/refusal.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::random_scores;
using testing::refusal_of;
using testing::Scores;

TEST(Problem, HasOneSegmentAndTheReferenceMagnitudes) {
  const Problem problem(random_scores(Scores::kUniform, 33, 16, 1), {2, 4});
  EXPECT_EQ(problem.segments(), Segments(16));
  EXPECT_EQ(problem.groups(), 4);
  EXPECT_EQ(problem.rows(), 33);
  EXPECT_NEAR(problem.magnitude().default_kept,
              testing::sorted_kept(problem.scores(), {2, 4}, identity_permutation(16)), 1e-9);
  EXPECT_EQ(problem.magnitude().kept, problem.magnitude().default_kept);
}

TEST(Problem, EvaluatesWithTheOracle) {
  const Problem problem(random_scores(Scores::kUniform, 33, 8, 1), {2, 4});
  const Permutation permutation = {7, 1, 2, 4, 3, 5, 6, 0};
  const Magnitude magnitude = problem.evaluate(permutation);
  EXPECT_NEAR(magnitude.kept, testing::sorted_kept(problem.scores(), {2, 4}, permutation), 1e-9);
  EXPECT_EQ(magnitude.total, problem.magnitude().total);
  EXPECT_EQ(magnitude.default_kept, problem.magnitude().default_kept);
}

TEST(Problem, NamesTheFirstScoreThatIsNoScore) {
  const float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bad : {std::nanf(""), kInfinity, -kInfinity, -1.0f, -1e-45f}) {
    ScoreMatrix scores = random_scores(Scores::kUniform, 40, 8, 1);
    scores.at(17, 5) = bad;
    scores.at(3, 7) = bad;
    EXPECT_THAT(refusal_of([&] {
                  Problem(std::move(scores), {2, 4});
                }),
                AllOf(HasSubstr("row 17"), HasSubstr("column 5"), HasSubstr("finite nonnegative")))
        << bad;
  }
}

TEST(Problem, TakesNegativeZeroAndTheLargestFloat) {
  const Problem problem(
      testing::scores_of_rows({{-0.0f, 1, 2, std::numeric_limits<float>::max()}, {0, 0, 0, 0}}), {2, 4});
  EXPECT_EQ(problem.magnitude().kept, static_cast<double>(std::numeric_limits<float>::max()) + 2);
}

TEST(Problem, SaysHowManyColumnsToPad) {
  EXPECT_THAT(refusal_of([] {
                Problem(ScoreMatrix(4, 13), {2, 4});
              }),
              AllOf(HasSubstr("13 columns"), HasSubstr("M = 4"), HasSubstr("pad with 3 zero columns")));
  EXPECT_THAT(refusal_of([] { Problem(ScoreMatrix(4, 15), {2, 4}); }), HasSubstr("pad with 1 zero column"));
  EXPECT_THAT(refusal_of([] { Problem(ScoreMatrix(4, 3), {8, 16}); }), HasSubstr("pad with 13 zero columns"));
}

TEST(Problem, RefusesPatternsAndSegmentsThatDoNotFit) {
  EXPECT_THROW(Problem(ScoreMatrix(4, 8), Pattern{4, 4}), InputError);
  EXPECT_THROW(Problem(ScoreMatrix(4, 8), Pattern{2, 4}, Segments({4, 8})), InputError);
  EXPECT_THROW(Problem(ScoreMatrix(4, 8), Pattern{2, 4}, Segments({2, 6})), InputError);
}

TEST(Problem, SearchesOrdinaryScoresAsTheyAre) {
  for (const float scale : {1e-12f, 1.0f, 1e12f}) {
    ScoreMatrix scores = random_scores(Scores::kUniform, 8, 8, 1);
    for (int c = 0; c < 8; ++c) {
      for (int r = 0; r < 8; ++r) scores.at(r, c) *= scale;
    }
    const Problem problem(std::move(scores));
    EXPECT_EQ(problem.search_scale(), 1);
    EXPECT_EQ(&problem.search_scores(), &problem.scores());
  }
  EXPECT_EQ(Problem(ScoreMatrix(3, 4)).search_scale(), 1);  // all zeros
}

class ProblemScale : public ::testing::TestWithParam<Scores> {};

TEST_P(ProblemScale, KeepsFloatSumsFiniteAndNormal) {
  const Problem problem(random_scores(GetParam(), 500, 8, 1), {2, 4});
  const ScoreMatrix& search = problem.search_scores();
  const double scale = problem.search_scale();
  EXPECT_EQ(std::exp2(std::round(std::log2(scale))), scale) << "a power of two, so that scaling is exact";
  for (int c = 0; c < 8; ++c) {
    for (int r = 0; r < 500; ++r) {
      ASSERT_EQ(static_cast<double>(search.at(r, c)) * scale, static_cast<double>(problem.scores().at(r, c)));
    }
    for (std::size_t r = 500; r < search.stride(); ++r) ASSERT_EQ(search.column(c)[r], 0.0f);
  }
  const float* const columns[] = {search.column(0), search.column(1), search.column(2), search.column(3)};
  const double kept = kept_of_columns(columns, problem.pattern(), search.stride()) * scale;
  const double expected = testing::sorted_kept(problem.scores(), 2, {0, 1, 2, 3});
  EXPECT_TRUE(std::isfinite(problem.magnitude().total));
  EXPECT_NEAR(kept / expected, 1, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ProblemScale,
                         ::testing::Values(Scores::kUniform, Scores::kHuge, Scores::kTiny),
                         [](const auto& test) { return testing::name_of(test.param); });

TEST(Problem, ScalesTheLeastPositiveFloat) {
  ScoreMatrix scores(2, 4);
  scores.at(0, 0) = std::numeric_limits<float>::denorm_min();
  const Problem problem(std::move(scores));
  EXPECT_EQ(problem.search_scores().at(0, 0), 1.0f);
  EXPECT_EQ(problem.search_scale(), static_cast<double>(std::numeric_limits<float>::denorm_min()));
}

}  // namespace
}  // namespace nmperm
