#include "formulations/setpart.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

TEST(SetPartition, OfAMatrixByHand) {
  const Problem problem(testing::scores_of_rows({{4, 3, 2, 1}}), {1, 2});
  const auto partition = SetPartition::build(FormulationScope::whole(problem));
  const MixedIntegerProgram& program = partition->program();
  ASSERT_EQ(program.columns(), 6);
  EXPECT_EQ(program.rows(), 4);
  EXPECT_EQ(program.sense(), MixedIntegerProgram::Sense::kMinimize);
  // Groups 01, 02, 12, 03, 13, 23; the smaller score of each is pruned.
  EXPECT_EQ(program.objective(), (std::vector<double>{3, 2, 2, 1, 1, 1}));
  EXPECT_EQ(program.column_name(4), "group_1_3");
  EXPECT_EQ(program.row_name(2), "column2");
  EXPECT_EQ(partition->group(4), (std::vector<int>{1, 3}));
  EXPECT_EQ(program.entry_rows(), (std::vector<int>{0, 1, 0, 2, 1, 2, 0, 3, 1, 3, 2, 3}));
  EXPECT_EQ(program.violation(std::vector<double>{1, 0, 0, 0, 0, 1}), 0);
  EXPECT_EQ(program.violation(std::vector<double>{1, 1, 0, 0, 0, 0}), 1) << "column 0 twice, column 3 never";
}

RC_GTEST_PROP(SetPartition, ObjectiveIsWhatAPermutationPrunes, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(4);
  const Segments segments(*testing::arbitrary_segments(pattern, 3));
  const Problem problem(testing::random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 20),
                                               segments.columns(), testing::arbitrary_seed()),
                        pattern, segments);
  const auto partition = SetPartition::build(FormulationScope::whole(problem, 2));
  const Permutation permutation = testing::shuffled(segments, testing::arbitrary_seed());
  const std::vector<double> solution = partition->solution(permutation);
  RC_ASSERT(partition->program().violation(solution) == 0);
  RC_ASSERT(partition->permutation(solution) == canonical_permutation(permutation, segments, pattern));
  const double total = problem.magnitude().total;
  const double pruned = total - testing::sorted_kept(problem.scores(), pattern, permutation);
  const double objective = partition->program().objective_of(solution) * problem.search_scale();
  RC_ASSERT(std::abs(objective - pruned) <= 1e-12 * total);
}

TEST(SetPartition, OfSomeSegmentsOnly) {
  const Segments segments({4, 8, 4});
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 8, 16, 3), {1, 2}, segments);
  const auto partition = SetPartition::build({problem, 1, 1, 1, {}});
  EXPECT_EQ(partition->program().rows(), 8);
  EXPECT_EQ(partition->program().columns(), 28);
  EXPECT_EQ(partition->program().row_name(0), "column4");
  EXPECT_EQ(partition->group(0), (std::vector<int>{4, 5}));
  const std::vector<int> permutation = {4, 11, 5, 10, 6, 9, 7, 8};
  EXPECT_EQ(partition->permutation(partition->solution(permutation)), permutation);
}

TEST(SetPartition, RefusesASolutionThatIsNoPartition) {
  const Problem problem(testing::scores_of_rows({{4, 3, 2, 1}}), {1, 2});
  const auto partition = SetPartition::build(FormulationScope::whole(problem));
  EXPECT_THROW(partition->permutation(std::vector<double>{1, 1, 0, 0, 0, 0}), InternalError);
  EXPECT_THROW(partition->permutation(std::vector<double>{1, 0, 0, 0, 0, 0}), InternalError);
}

TEST(SetPartition, RefusesTooManyGroupsWithTheirNumber) {
  const Problem problem(ScoreMatrix(1, 128));
  const std::string line =
      testing::refusal_of<UnsupportedError>([&] { SetPartition::build(FormulationScope::whole(problem)); });
  EXPECT_NE(line.find("1.07e+07 groups of 4 columns"), std::string::npos) << line;
  EXPECT_NE(line.find("11 GB"), std::string::npos) << line;
  EXPECT_NE(line.find("1000000 groups"), std::string::npos) << line;
  EXPECT_NE(line.find("annealing"), std::string::npos) << line;
  // 5e59 groups: the refusal must come before any table.
  const auto is_refused = [](const Segments& segments, const Pattern& pattern) {
    const Problem large(ScoreMatrix(1, segments.columns()), pattern, segments);
    return !SetPartition::refusal(FormulationScope::whole(large)).empty();
  };
  EXPECT_TRUE(is_refused(Segments(256), {32, 64}));
  EXPECT_FALSE(is_refused(Segments(68), {2, 4}));
  EXPECT_TRUE(is_refused(Segments({64, 64, 64, 64}), {2, 4}));
}

TEST(SetPartition, StopsWhenAsked) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 8, 16, 3));
  EXPECT_EQ(SetPartition::build({problem, 0, 1, 1, [] { return true; }}), nullptr);
}

}  // namespace
}  // namespace nmperm
