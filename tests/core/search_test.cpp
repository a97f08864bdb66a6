#include "core/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/brute_force.h"
#include "tests/support/refusal.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;
using testing::Scores;

constexpr double kEndless = std::numeric_limits<double>::infinity();

/// 2 x 8, integers: identity keeps 8 of 16; kBetter keeps 12, kBest 16.
Problem small_problem(std::optional<Segments> segments = {}) {
  return Problem(testing::scores_of_rows({{2, 2, 2, 2, 0, 0, 0, 0}, {0, 0, 0, 0, 2, 2, 2, 2}}), {2, 4},
                 std::move(segments));
}
const Permutation kBetter = {0, 1, 2, 4, 3, 5, 6, 7};
const Permutation kBest = {0, 1, 4, 5, 2, 3, 6, 7};

Search search_of(const Problem& problem, const SolveParameters& parameters = {}) {
  return Search(problem, parameters, "tester", Options("tester", {}, {}));
}

TEST(Search, BeginsWithTheIdentity) {
  const Problem problem = small_problem();
  const Search search = search_of(problem);
  EXPECT_EQ(search.start(), identity_permutation(8));
  EXPECT_FALSE(search.has_start());
  EXPECT_FALSE(search.should_stop());
  EXPECT_EQ(search.remaining_s(), kEndless);
  EXPECT_GE(search.threads(), 1);
  const Result result = search.result();
  EXPECT_EQ(result.permutation, identity_permutation(8));
  EXPECT_EQ(result.magnitude.kept, 8);
  EXPECT_EQ(result.status, Status::kFeasible);
  EXPECT_FALSE(result.bound);
  EXPECT_FALSE(result.gap);
  ASSERT_EQ(result.trace.size(), 1u);
  EXPECT_EQ(result.trace[0].kept, 8);
  EXPECT_EQ(result.trace[0].source, "tester");
}

TEST(Search, BeginsWithTheStart) {
  const Problem problem = small_problem();
  SolveParameters parameters;
  parameters.start = kBetter;
  const Search search = search_of(problem, parameters);
  EXPECT_TRUE(search.has_start());
  EXPECT_EQ(search.start(), kBetter);
  EXPECT_EQ(search.incumbent_kept(), 12);
  EXPECT_EQ(search.result().permutation, kBetter);
  EXPECT_EQ(search.result().magnitude.default_kept, 8);
}

TEST(Search, RefusesAStartThatIsNoPermutation) {
  const Problem problem = small_problem(Segments({4, 4}));
  SolveParameters parameters;
  parameters.start = Permutation{0, 1, 2, 2, 4, 5, 6, 7};
  EXPECT_THAT(refusal_of([&] { search_of(problem, parameters); }),
              AllOf(HasSubstr("start"), HasSubstr("[3]")));
  parameters.start = kBetter;
  EXPECT_THAT(refusal_of([&] { search_of(problem, parameters); }),
              AllOf(HasSubstr("start"), HasSubstr("segment")));
  parameters.start = Permutation{0, 1, 2};
  EXPECT_THAT(refusal_of([&] { search_of(problem, parameters); }), HasSubstr("has 3 entries"));
}

TEST(Search, TheIncumbentOnlyImproves) {
  const Problem problem = small_problem();
  Search search = search_of(problem);
  search.report(kBetter, 12);
  EXPECT_EQ(search.incumbent(), kBetter);
  search.report({1, 0, 2, 4, 3, 5, 6, 7}, 12);  // as good is no improvement
  search.report(identity_permutation(8), 8);
  search.report({}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(search.incumbent(), kBetter);
  EXPECT_EQ(search.incumbent_kept(), 12);
  search.report(kBest, 16);
  const Result result = search.result();
  EXPECT_EQ(result.permutation, kBest);
  EXPECT_EQ(result.magnitude.kept, 16);
  ASSERT_EQ(result.trace.size(), 3u);
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_GT(result.trace[i].kept, result.trace[i - 1].kept);
    EXPECT_GE(result.trace[i].seconds, result.trace[i - 1].seconds);
  }
}

TEST(Search, FiguresComeFromTheOracle) {
  const Problem problem = small_problem();
  Search search = search_of(problem);
  search.report(kBetter, 12.5);  // a kernel that rounds up
  EXPECT_EQ(search.result().magnitude.kept, 12);
}

TEST(Search, IsNeverWorseThanItsStart) {
  const Problem problem = small_problem();
  SolveParameters parameters;
  parameters.start = kBetter;
  Search search = search_of(problem, parameters);
  search.report(identity_permutation(8), 12.0001);  // it seemed better
  EXPECT_EQ(search.result().permutation, kBetter);
  EXPECT_EQ(search.result().magnitude.kept, 12);
}

TEST(Search, ASolverThatReportsNoPermutationIsFoundOut) {
  const Problem problem = small_problem();
  Search search = search_of(problem);
  search.report({0, 0, 1, 2, 3, 4, 5, 6}, 100);
  EXPECT_THROW(search.result(), Error);
}

TEST(SearchBound, ProvesOptimality) {
  const Problem problem = small_problem();
  Search search = search_of(problem);
  search.report(kBest, 16);
  EXPECT_FALSE(search.should_stop());
  search.report_bound(16, "tester-bound");
  EXPECT_TRUE(search.should_stop());
  const Result result = search.result();
  EXPECT_EQ(result.status, Status::kOptimal);
  EXPECT_EQ(result.gap, 0);
  EXPECT_EQ(result.bound->kept, 16);
  EXPECT_EQ(result.bound->method, "tester-bound");
}

TEST(SearchBound, OnlyFalls) {
  const Problem problem(testing::random_scores(Scores::kUniform, 64, 16, 1));
  const double kept = problem.magnitude().kept, total = problem.magnitude().total;
  Search search = search_of(problem);
  search.report_bound(total, "loose");
  search.report_bound(0.5 * (total + kept), "tight");
  search.report_bound(0.9 * total + 0.1 * kept, "late");
  EXPECT_EQ(search.bound_kept(), 0.5 * (total + kept));
  const Result result = search.result();
  EXPECT_EQ(result.bound->method, "tight");
  EXPECT_NEAR(*result.gap, 0.5, 1e-9);
  EXPECT_EQ(result.status, Status::kFeasible);
  EXPECT_EQ(result.trace.size(), 3u);
  EXPECT_FALSE(result.trace[0].bound);
  EXPECT_TRUE(result.trace[1].bound);
}

TEST(SearchBound, TheTraceSkipsTinyStepsButNotTheLast) {
  const Problem problem(testing::random_scores(Scores::kUniform, 64, 16, 1));
  const double kept = problem.magnitude().kept, total = problem.magnitude().total;
  SolveParameters parameters;
  int seen = 0;
  parameters.observer = [&](const TracePoint&) { ++seen; };
  Search search = search_of(problem, parameters);
  constexpr int kSteps = 10000;
  const auto bound = [&](int k) { return total - (total - kept) * 0.5 * k / kSteps; };
  for (int k = 1; k <= kSteps; ++k) search.report_bound(bound(k), "tree");
  const Result result = search.result();
  EXPECT_EQ(seen, kSteps + 1);
  EXPECT_GT(result.trace.size(), 50u);  // 1 % steps to half the gap: 69
  EXPECT_LT(result.trace.size(), 100u);
  EXPECT_EQ(result.trace.back().bound, bound(kSteps));
}

TEST(SearchBound, BelowAKnownSolutionIsADefect) {
  const Problem problem = small_problem();
  Search search = search_of(problem);
  search.report(kBetter, 12);
  search.report_bound(11.9, "broken-bound");
  EXPECT_THAT(refusal_of<InternalError>([&] { search.result(); }),
              AllOf(HasSubstr("11.9"), HasSubstr("broken-bound"), HasSubstr("12")));
}

TEST(SearchBound, AtARoundingBelowIsRaised) {
  const Problem problem = small_problem();
  Search search = search_of(problem);
  search.report(kBest, 16);
  search.report_bound(16 * (1 - 1e-12), "tester-bound");
  EXPECT_EQ(search.result().bound->kept, 16);
  EXPECT_EQ(search.result().gap, 0);
}

TEST(SearchBound, AProofMakesTheIncumbentTheBound) {
  const Problem problem = small_problem();
  Search search = search_of(problem);
  search.report(kBest, 15.9999);
  search.report_optimal("enumeration");
  EXPECT_TRUE(search.should_stop());
  const Result result = search.result();
  EXPECT_EQ(result.status, Status::kOptimal);
  EXPECT_EQ(result.bound->kept, 16);
  EXPECT_EQ(result.bound->method, "enumeration");
}

TEST(SearchBound, AStartAtTheRowBoundIsOptimal) {
  const Problem problem(testing::scores_of_rows({{1, 1, 0, 0, 1, 1, 0, 0}}), {2, 4});
  const Search search = search_of(problem);
  EXPECT_TRUE(search.should_stop());
  EXPECT_EQ(search.result().status, Status::kOptimal);
  EXPECT_EQ(search.result().bound->method, "row-bound");
}

TEST(SearchBound, ASolutionAtTheRowBoundIsOptimal) {
  const Problem problem = small_problem();
  Search search = search_of(problem);
  search.report(kBest, 16);  // keeps everything
  ASSERT_EQ(problem.magnitude().row_bound, 16);
  EXPECT_EQ(search.result().status, Status::kOptimal);
}

TEST(SearchScale, MagnitudesAreThoseOfTheScores) {
  for (const Scores kind : {Scores::kHuge, Scores::kTiny}) {
    const Problem problem(testing::random_scores(kind, 50, 8, 3));
    const double scale = problem.search_scale();
    Search search = search_of(problem);
    EXPECT_NEAR(search.incumbent_kept() * scale / problem.magnitude().kept, 1, 1e-12);
    Permutation best = kBest;
    if (problem.evaluate(best).kept < problem.magnitude().kept) best = kBetter;
    const double kept = problem.evaluate(best).kept;
    search.report(best, 2 * kept / scale);
    search.report_bound(3 * kept / scale, "tester-bound");
    const Result result = search.result();
    EXPECT_NEAR(result.bound->kept / kept, 3, 1e-9);
    EXPECT_NEAR(result.trace.front().kept / problem.magnitude().kept, 1, 1e-12);
    EXPECT_NEAR(result.trace[1].kept / kept, 2, 1e-9);
    EXPECT_NEAR(*result.trace[2].bound / kept, 3, 1e-9);
  }
}

}  // namespace
}  // namespace nmperm
