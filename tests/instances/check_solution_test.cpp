#include "instances/check_solution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "instances/generators.h"

namespace nmperm {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Solution solution_of(const Problem& problem, Permutation permutation) {
  Result result;
  result.permutation = std::move(permutation);
  result.magnitude = problem.evaluate(result.permutation);
  result.bound = Bound{problem.magnitude().row_bound, "row-bound"};
  result.gap = result.magnitude.gap(result.bound->kept);
  return make_solution("random:10x8:1", problem, std::move(result));
}

class CheckSolution : public ::testing::Test {
 protected:
  std::vector<std::string> places() const {
    std::vector<std::string> places;
    for (const Discrepancy& found : check_solution(problem_, solution_)) places.push_back(found.place);
    return places;
  }

  Problem problem_{random_scores(10, 8, 1)};
  Solution solution_ = solution_of(problem_, {7, 0, 3, 4, 1, 2, 5, 6});
  Magnitude& magnitude_ = solution_.result.magnitude;
};

TEST_F(CheckSolution, FindsNothingWrongWithWhatIsRight) {
  EXPECT_THAT(places(), IsEmpty());
  solution_.result.bound.reset();
  solution_.result.gap.reset();
  EXPECT_THAT(places(), IsEmpty());
}

TEST_F(CheckSolution, NamesEveryMagnitudeThatIsOff) {
  for (double Magnitude::*figure :
       {&Magnitude::total, &Magnitude::default_kept, &Magnitude::row_bound, &Magnitude::kept}) {
    const double right = magnitude_.*figure;
    magnitude_.*figure = right * (1 + 1e-10);
    EXPECT_THAT(places(), IsEmpty());
    for (const double factor : {1 + 1e-8, 1 - 1e-8}) {
      magnitude_.*figure = right * factor;
      EXPECT_EQ(places().size(), 1u);
    }
    magnitude_.*figure = right;
  }
  magnitude_.kept += 1;
  const auto found = check_solution(problem_, solution_);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "magnitude.kept");
  EXPECT_DOUBLE_EQ(std::stod(found[0].recorded), magnitude_.kept);
  EXPECT_DOUBLE_EQ(std::stod(found[0].expected), magnitude_.kept - 1);
}

TEST_F(CheckSolution, FiguresOfAnotherPermutationAreWrong) {
  std::swap(solution_.result.permutation[0], solution_.result.permutation[7]);
  EXPECT_THAT(places(), Contains("magnitude.kept"));
  EXPECT_THAT(places(), Contains("efficacy"));
  EXPECT_THAT(places(), Contains("gap"));
}

TEST_F(CheckSolution, EfficacyMustFollowFromTheMagnitudes) {
  *solution_.efficacy += 0.001;
  EXPECT_THAT(places(), ElementsAre("efficacy"));
  solution_.efficacy.reset();
  EXPECT_THAT(places(), ElementsAre("efficacy"));
}

TEST_F(CheckSolution, GapMustFollowFromTheBound) {
  *solution_.result.gap += 0.001;
  EXPECT_THAT(places(), ElementsAre("gap"));
  solution_.result.gap.reset();
  EXPECT_THAT(places(), ElementsAre("gap"));
}

TEST_F(CheckSolution, GapWithoutBoundIsWrong) {
  solution_.result.bound.reset();
  EXPECT_THAT(places(), ElementsAre("gap"));
}

TEST_F(CheckSolution, BoundBelowKeptIsWrong) {
  solution_.result.bound->kept = magnitude_.kept * (1 - 1e-8);
  solution_.result.gap = 0;
  solution_.result.status = Status::kOptimal;
  EXPECT_THAT(places(), ElementsAre("bound.kept"));
}

TEST_F(CheckSolution, OptimalNeedsAClosedGap) {
  solution_.result.status = Status::kOptimal;
  EXPECT_THAT(places(), ElementsAre("status"));
  solution_.result.bound->kept = magnitude_.kept;
  solution_.result.gap = 0;
  EXPECT_THAT(places(), IsEmpty());
  solution_.result.status = Status::kFeasible;
  EXPECT_THAT(places(), ElementsAre("status"));
  solution_.result.bound.reset();
  solution_.result.gap.reset();
  solution_.result.status = Status::kOptimal;
  EXPECT_THAT(places(), ElementsAre("status"));
}

TEST(CheckSolutionWithoutRoom, EfficacyIsNullWhereNothingCanBeGained) {
  const Problem problem(random_scores(5, 4, 1));
  Solution solution = solution_of(problem, {0, 1, 2, 3});
  solution.result.status = Status::kOptimal;
  EXPECT_FALSE(solution.efficacy);
  EXPECT_THAT(check_solution(problem, solution), IsEmpty());
  solution.efficacy = 100;
  EXPECT_EQ(check_solution(problem, solution).size(), 1u);
}

TEST(CheckSolutionOfZeros, IsRight) {
  const Problem problem{ScoreMatrix(3, 8)};
  Solution solution = solution_of(problem, {0, 1, 2, 3, 4, 5, 6, 7});
  solution.result.status = Status::kOptimal;
  EXPECT_THAT(check_solution(problem, solution), IsEmpty());
}

}  // namespace
}  // namespace nmperm
