// What holds for every mathematical program, and what is special to each.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/error.h"
#include "formulations/blp.h"
#include "formulations/bqp.h"
#include "formulations/default_formulations.h"
#include "formulations/mda.h"
#include "formulations/setpart.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

/// A program, with options that are drawn.
std::unique_ptr<Formulation> arbitrary_formulation(const FormulationKind& kind,
                                                   const FormulationScope& scope) {
  OptionValues given;
  for (const OptionRecord& option : kind.options) {
    given[option.name] = *rc::gen::elementOf(option.choices);
    RC_LOG() << kind.name << ' ' << option.name << '=' << given[option.name] << '\n';
  }
  return kind.build(scope, Options(kind.name, kind.options, given));
}

double total_of(const ScoreMatrix& scores, int first, int columns) {
  double total = 0;
  for (int c = first; c < first + columns; ++c) {
    for (int r = 0; r < scores.rows(); ++r) total += static_cast<double>(scores.at(r, c));
  }
  return total;
}

RC_GTEST_PROP(Formulations, ASolutionCostsWhatItsPermutationPrunes, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(4);
  const Segments segments(*testing::arbitrary_segments(pattern, 3));
  const Problem problem(testing::random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 6),
                                               segments.columns(), testing::arbitrary_seed()),
                        pattern, segments);
  const Permutation permutation = testing::shuffled(segments, testing::arbitrary_seed());
  const double pruned =
      problem.magnitude().total - testing::sorted_kept(problem.scores(), pattern, permutation);
  for (const FormulationKind& kind : default_formulations()) {
    const auto formulation = arbitrary_formulation(kind, FormulationScope::whole(problem, 2));
    const std::vector<double> solution = formulation->solution(permutation);
    RC_ASSERT(formulation->program().violation(solution) == 0);
    const double objective = formulation->program().objective_of(solution) * problem.search_scale();
    RC_ASSERT(std::abs(objective - pruned) <= 1e-12 * problem.magnitude().total);
    RC_ASSERT(formulation->permutation(solution) == canonical_permutation(permutation, segments, pattern));
    const auto quadratic = formulation->quadratic();
    RC_ASSERT(quadratic.has_value() == kind.quadratic);
    if (!quadratic) continue;
    const std::span first(solution.data(), static_cast<std::size_t>(quadratic->linear.columns()));
    RC_ASSERT(quadratic->violation(first) == 0);
    RC_ASSERT(quadratic->linear.objective_of(first) == formulation->program().objective_of(solution));
  }
}

RC_GTEST_PROP(Formulations, DescribeSomeSegmentsOnly, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(4);
  const Segments segments(*testing::arbitrary_segments(pattern, 3));
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 3, segments.columns(), 1), pattern,
                        segments);
  const int first = *rc::gen::inRange(0, segments.count());
  const int count = *rc::gen::inRange(1, segments.count() - first + 1);
  const FormulationScope scope{problem, first, count, 1, {}};
  const Permutation whole =
      canonical_permutation(testing::shuffled(segments, testing::arbitrary_seed()), segments, pattern);
  const std::vector<int> permutation(whole.begin() + scope.first_column(),
                                     whole.begin() + scope.first_column() + scope.columns());
  double kept = 0;
  for (std::size_t i = 0; i < permutation.size(); i += static_cast<std::size_t>(pattern.group)) {
    kept += kept_of_group(problem.scores(), pattern, permutation.data() + i);
  }
  const double pruned = total_of(problem.scores(), scope.first_column(), scope.columns()) - kept;
  for (const FormulationKind& kind : default_formulations()) {
    const auto formulation = arbitrary_formulation(kind, scope);
    const std::vector<double> solution = formulation->solution(permutation);
    RC_ASSERT(formulation->program().violation(solution) == 0);
    RC_ASSERT(std::abs(formulation->program().objective_of(solution) - pruned) <= 1e-10);
    RC_ASSERT(formulation->permutation(solution) == permutation);
  }
}

RC_GTEST_PROP(Formulations, HaveNamesOfTheirOwnForEveryRowAndColumn, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(4);
  const Segments segments(*testing::arbitrary_segments(pattern, 3));
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 2, segments.columns(), 1), pattern,
                        segments);
  const int first = *rc::gen::inRange(0, segments.count());
  for (const FormulationKind& kind : default_formulations()) {
    const auto formulation = arbitrary_formulation(kind, {problem, first, segments.count() - first, 1, {}});
    const MixedIntegerProgram& program = formulation->program();
    std::set<std::string> names;
    for (int r = 0; r < program.rows(); ++r) RC_ASSERT(names.insert(program.row_name(r)).second);
    for (int j = 0; j < program.columns(); ++j) RC_ASSERT(names.insert(program.column_name(j)).second);
  }
}

TEST(Formulations, RefuseWhatIsNoSolution) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 2, 8, 1));
  for (const FormulationKind& kind : default_formulations()) {
    const auto formulation =
        kind.build(FormulationScope::whole(problem), Options(kind.name, kind.options, {}));
    const auto size = static_cast<std::size_t>(formulation->program().columns());
    EXPECT_THROW(formulation->permutation(std::vector<double>(size, 0.0)), InternalError) << kind.name;
    EXPECT_THROW(formulation->permutation(std::vector<double>(size, 1.0)), InternalError) << kind.name;
  }
}

TEST(Formulations, StopWhenAsked) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 2, 8, 1));
  for (const FormulationKind& kind : default_formulations()) {
    const FormulationScope scope{problem, 0, 1, 1, [] { return true; }};
    EXPECT_EQ(kind.build(scope, Options(kind.name, kind.options, {})), nullptr) << kind.name;
  }
}

TEST(Formulations, RefuseTooLargeWithTheSizeAndWhatToUse) {
  const auto refusal = [](const std::string& name, int rows, int columns, Pattern pattern) {
    const Problem problem(ScoreMatrix(rows, columns), pattern);
    const FormulationKind& kind = find_formulation(name);
    EXPECT_FALSE(kind.refusal(FormulationScope::whole(problem)).empty());
    return testing::refusal_of<UnsupportedError>(
        [&] { kind.build(FormulationScope::whole(problem), Options(name, kind.options, {})); });
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(refusal("setpart", 1, 512, {2, 4}),
              HasSubstr("2.83e+09 groups of 4 columns, about 2.8e+03 GB"));
  EXPECT_THAT(refusal("setpart", 1, 512, {2, 4}), HasSubstr("annealing"));
  EXPECT_THAT(refusal("mda", 1, 128, {2, 4}), HasSubstr("1.07e+07 groups of 4 columns, about 19 GB"));
  EXPECT_THAT(refusal("mda", 1, 128, {2, 4}), HasSubstr("setpart"));
  EXPECT_THAT(refusal("mda", 1, 256, {32, 64}), HasSubstr("groups of 64 columns"));
  EXPECT_THAT(refusal("blp", 1024, 256, {2, 4}), HasSubstr("1.68e+07 deletion variables"));
  EXPECT_THAT(refusal("blp", 1024, 256, {2, 4}), HasSubstr("setpart"));
  EXPECT_THAT(refusal("bqp", 1024, 256, {2, 4}), HasSubstr("1.68e+07 products"));
  EXPECT_THAT(refusal("bqp", 1024, 256, {2, 4}), HasSubstr("annealing"));
  // What counts is the program, not the table of groups: 32:64 has 3.6e37 of them.
  const Problem wide(ScoreMatrix(2, 128), {32, 64});
  EXPECT_EQ(Blp::refusal(FormulationScope::whole(wide)), "");
}

TEST(Formulations, AnUnknownNameGetsTheKnownOnes) {
  const std::string line = testing::refusal_of([] { find_formulation("qap"); });
  EXPECT_NE(line.find("'qap'"), std::string::npos) << line;
  EXPECT_NE(line.find("bqp, blp, mda, setpart"), std::string::npos) << line;
}

/// Number of 0/1 values of the first `variables` columns that violate no row in which only they stand.
int count_assignments(const MixedIntegerProgram& program, int variables) {
  std::vector<bool> only_these(static_cast<std::size_t>(program.rows()), true);
  for (int j = variables; j < program.columns(); ++j) {
    for (std::size_t e = program.column_start(j); e < program.column_start(j + 1); ++e) {
      only_these[static_cast<std::size_t>(program.entry_rows()[e])] = false;
    }
  }
  int count = 0;
  for (unsigned values = 0; values < 1u << variables; ++values) {
    std::vector<double> activity(static_cast<std::size_t>(program.rows()), 0.0);
    bool feasible = true;
    for (int j = 0; j < variables; ++j) {
      const double x = values >> j & 1;
      feasible = feasible && x <= program.column_upper()[static_cast<std::size_t>(j)];
      for (std::size_t e = program.column_start(j); e < program.column_start(j + 1); ++e) {
        activity[static_cast<std::size_t>(program.entry_rows()[e])] += x * program.coefficients()[e];
      }
    }
    for (std::size_t r = 0; r < activity.size(); ++r) {
      if (!only_these[r]) continue;
      feasible = feasible && program.row_lower()[r] <= activity[r] && activity[r] <= program.row_upper()[r];
    }
    count += feasible ? 1 : 0;
  }
  return count;
}

TEST(SymmetryBreaking, LeavesOneSolutionOfEachDivision) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 1, 6, 1), {1, 2});
  const FormulationScope scope = FormulationScope::whole(problem);
  constexpr int kVariables = 6 * 3;
  constexpr int kDivisions = 15;  // 6! / (2!^3 3!)
  EXPECT_EQ(count_assignments(Blp::build(scope, SymmetryBreaking::kOn)->program(), kVariables), kDivisions);
  EXPECT_EQ(count_assignments(Blp::build(scope, SymmetryBreaking::kOff)->program(), kVariables),
            6 * kDivisions);
  EXPECT_EQ(count_assignments(Bqp::build(scope, SymmetryBreaking::kOn)->program(), kVariables), kDivisions);
}

TEST(SymmetryBreaking, HoldsInEverySegment) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 1, 8, 1), {1, 2}, Segments({4, 4}));
  const auto blp = Blp::build(FormulationScope::whole(problem), SymmetryBreaking::kOn);
  EXPECT_EQ(count_assignments(blp->program(), 16), 3 * 3) << "4! / (2!^2 2!) divisions of each";
}

TEST(Blp, OfAMatrixByHand) {
  const Problem problem(testing::scores_of_rows({{4, 3, 2, 1}}), {1, 2});
  const auto blp = Blp::build(FormulationScope::whole(problem), SymmetryBreaking::kOff);
  const MixedIntegerProgram& program = blp->program();
  EXPECT_EQ(program.columns(), 8 + 8);
  EXPECT_EQ(program.rows(), 4 + 2 + 2 + 8);
  EXPECT_EQ(program.column_name(2), "x_1_0");
  EXPECT_EQ(program.column_name(8 + 2), "z_1_0_0");
  EXPECT_EQ(program.row_name(7), "delete_0_1");
  // Columns 0 and 3 in group 0, 1 and 2 in group 1; 1 and 2 are deleted.
  std::vector<double> solution = {1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0};
  EXPECT_EQ(program.violation(solution), 0);
  EXPECT_EQ(program.objective_of(solution), 3);
  EXPECT_EQ(blp->solution(std::vector<int>{0, 3, 1, 2}), solution);
  std::swap(solution[8 + 4], solution[8 + 5]);  // deletes column 2 from group 0, where it is not
  EXPECT_EQ(program.violation(solution), 1);
}

TEST(Bqp, TheQuadraticRowsSeeWrongDeletions) {
  const Problem problem(testing::scores_of_rows({{4, 3, 2, 1}}), {1, 2});
  const auto bqp = Bqp::build(FormulationScope::whole(problem), SymmetryBreaking::kOff);
  const auto quadratic = bqp->quadratic();
  ASSERT_TRUE(quadratic.has_value());
  EXPECT_EQ(quadratic->linear.columns(), 8 + 4);
  EXPECT_EQ(quadratic->linear.rows(), 4 + 2 + 2);
  EXPECT_EQ(quadratic->terms.size(), 8u);
  const std::vector<double> right = {1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1};
  const std::vector<double> wrong = {1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0};
  EXPECT_EQ(quadratic->violation(right), 0);
  EXPECT_EQ(quadratic->violation(wrong), 1) << "two deletions in group 1, none in group 0";
  EXPECT_EQ(quadratic->violation(std::vector<double>(12, 0.0)), 2) << "groups without columns";
}

TEST(Mda, OfAMatrixByHand) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 2, 8, 1));
  const auto mda = Mda::build(FormulationScope::whole(problem));
  const MixedIntegerProgram& program = mda->program();
  EXPECT_EQ(program.columns(), 70 + 3 * 15);
  EXPECT_EQ(program.rows(), 8 + 3 * 15);
  EXPECT_EQ(program.column_name(0), "z_0_1_2_3");
  EXPECT_EQ(program.column_name(70), "x1_0_1");
  EXPECT_EQ(program.column_name(70 + 45 - 1), "x3_6_7");
  EXPECT_FALSE(program.is_integer(0));
  EXPECT_TRUE(program.is_integer(70));
  const std::vector<double> solution = mda->solution(std::vector<int>{7, 1, 4, 2, 0, 3, 5, 6});
  std::set<std::string> ones;
  for (int j = 0; j < program.columns(); ++j) {
    if (solution[static_cast<std::size_t>(j)] == 1) ones.insert(program.column_name(j));
  }
  EXPECT_EQ(ones, (std::set<std::string>{"z_0_3_5_6", "z_1_2_4_7", "x1_0_3", "x2_3_5", "x3_5_6", "x1_1_2",
                                         "x2_2_4", "x3_4_7"}));
}

TEST(SetPartition, CoverRowsLeaveNoRoomForOverlap) {
  const Problem problem(testing::scores_of_rows({{4, 3, 2, 1}}), {1, 2});
  const auto cover = SetPartition::build(FormulationScope::whole(problem), SetPartition::Rows::kCover);
  EXPECT_EQ(cover->program().rows(), 5);
  EXPECT_EQ(cover->program().row_name(4), "groups0");
  EXPECT_EQ(cover->program().violation(std::vector<double>{1, 0, 0, 0, 0, 1}), 0);
  EXPECT_EQ(cover->program().violation(std::vector<double>{1, 1, 0, 0, 0, 1}), 1) << "one group too many";
  EXPECT_EQ(cover->program().violation(std::vector<double>{1, 1, 0, 0, 0, 0}), 1) << "column 3 is in none";
}

}  // namespace
}  // namespace nmperm
