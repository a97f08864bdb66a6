#include "solvers/branch_and_price.h"

#include <atomic>
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "heuristics/memetic.h"
#include "instances/check_certificate.h"
#include "solvers/column_generation.h"
#include "solvers/exhaustive.h"
#include "tests/solvers/backends.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

class Relaxation : public testing::WithEachBackend {
 protected:
  SolveParameters parameters() const {
    SolveParameters parameters;
    parameters.options["backend"] = GetParam();
    parameters.threads = 2;
    return parameters;
  }
};

INSTANTIATE_TEST_SUITE_P(Built, Relaxation, ::testing::ValuesIn(testing::built_backends()),
                         testing::backend_label);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Relaxation);

constexpr double kRounding = 1e-12;

/// What is claimed is proven to a checker that shares no code with the solvers.
void expect_proven(const Problem& problem, const Result& result) {
  ASSERT_TRUE(result.bound.has_value());
  if (result.bound->method == "row-bound" || result.bound->certificate == nullptr) return;
  EXPECT_LE(check_certificate(problem, *result.bound->certificate, 2), result.bound->kept * (1 + kRounding));
}

/// The tree claims the optimum that subset dynamic programming finds, and the relaxation a bound above it.
void expect_exact(const Problem& problem, const SolveParameters& parameters) {
  const double optimum = ExhaustiveSolver().solve(problem).magnitude.kept;
  const double rounding = kRounding * problem.magnitude().total;
  const Result tree = BranchAndPriceSolver().solve(problem, parameters);
  ASSERT_TRUE(tree.gap.has_value());
  // Where one column dominates, what is pruned may be so little that scores rounded to integers of a total
  // below 2^46 do not resolve a millionth of it.
  const double elements = static_cast<double>(problem.rows()) * problem.columns();
  const double resolution = elements * std::ldexp(problem.magnitude().total, -46);
  const double pruned = problem.magnitude().total - optimum;
  ASSERT_LE(*tree.gap * pruned, std::max(kOptimalGap * pruned, resolution))
      << "kept " << tree.magnitude.kept << ", optimum " << optimum << ", total " << tree.magnitude.total;
  // What is called optimal is so up to 1e-7 of the pruned magnitude (SegmentRelaxation::goal).
  ASSERT_NEAR(tree.magnitude.kept, optimum, 2e-7 * (problem.magnitude().total - optimum) + rounding);
  ASSERT_GE(tree.bound->kept, optimum - rounding);
  expect_proven(problem, tree);
  SolveParameters one_dive = parameters;
  one_dive.limits.iterations = 1;
  const Result relaxed = ColumnGenerationSolver().solve(problem, one_dive);
  ASSERT_TRUE(relaxed.bound.has_value());
  ASSERT_GE(relaxed.bound->kept, optimum - rounding);
  ASSERT_LE(relaxed.magnitude.kept, optimum + rounding);
  expect_proven(problem, relaxed);
}

TEST_P(Relaxation, EqualsExhaustive) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (const int columns : {16, 20}) {
      expect_exact(Problem(testing::random_scores(testing::Scores::kUniform, 32, columns, seed)),
                   parameters());
    }
  }
}

TEST_P(Relaxation, EqualsExhaustiveForWideGroups) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    for (const Pattern pattern : {Pattern{1, 8}, Pattern{2, 8}, Pattern{4, 8}}) {
      SCOPED_TRACE(pattern.str() + " seed " + std::to_string(seed));
      expect_exact(Problem(testing::random_scores(testing::Scores::kUniform, 32, 16, seed), pattern),
                   parameters());
    }
  }
}

TEST_P(Relaxation, EqualsExhaustiveOnScoresOfAnyKind) {
  EXPECT_TRUE(rc::check([&] {
    const Pattern pattern = *testing::arbitrary_pattern(5);
    const Segments segments(*testing::arbitrary_segments(pattern, 3));
    const testing::Scores kind = *testing::arbitrary_kind();
    const int rows = *rc::gen::inRange(1, 20);
    const std::uint64_t seed = testing::arbitrary_seed();
    SCOPED_TRACE(pattern.str() + ' ' + testing::name_of(kind) + ", " + std::to_string(rows) + " x " +
                 std::to_string(segments.columns()) + " in " + std::to_string(segments.count()) +
                 " segments, seed " + std::to_string(seed));
    expect_exact(Problem(testing::random_scores(kind, rows, segments.columns(), seed), pattern, segments),
                 parameters());
  }));
}

/// Where a tree is needed at all, nothing may be cut off that leads to the best: searches that prove nothing
/// are held against it, and it against them.
TEST_P(Relaxation, NoHeuristicBeatsAProvenOptimum) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Problem problem(testing::random_scores(testing::Scores::kUniform, 24, 36, seed));
    const Result tree = BranchAndPriceSolver().solve(problem, parameters());
    ASSERT_EQ(tree.status, Status::kOptimal);
    SolveParameters some;
    some.limits.iterations = 2000;
    const Result best = MemeticSolver().solve(problem, some);
    EXPECT_LE(best.magnitude.kept, tree.bound->kept * (1 + kRounding));
    ASSERT_NE(tree.bound->certificate, nullptr);
    EXPECT_GT(tree.bound->certificate->segments[0].nodes.size(), 1u) << "no tree was needed";
    expect_proven(problem, tree);
    EXPECT_LE(best.magnitude.kept, tree.magnitude.kept + 2e-7 * tree.magnitude.pruned());
  }
}

TEST_P(Relaxation, ATreeCutShortBoundsWhatIsBest) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 24, 40, 1));
  const Result optimum = BranchAndPriceSolver().solve(problem, parameters());
  double previous = std::numeric_limits<double>::infinity();
  for (const int nodes : {0, 1, 3, 7, 15}) {
    SolveParameters few = parameters();
    few.limits.iterations = nodes;
    const Result result = BranchAndPriceSolver().solve(problem, few);
    ASSERT_TRUE(result.bound.has_value());
    EXPECT_GE(result.bound->kept, optimum.magnitude.kept * (1 - kRounding)) << nodes;
    EXPECT_LE(result.bound->kept, previous * (1 + kRounding)) << nodes;
    previous = result.bound->kept;
    ASSERT_NE(result.bound->certificate, nullptr) << nodes;
    expect_proven(problem, result);
  }
}

TEST_P(Relaxation, IsTheSameForAnyNumberOfThreads) {
  const Problem problem(testing::random_scores(testing::Scores::kHeavyTail, 40, 36, 5));
  SolveParameters one = parameters();
  one.limits.iterations = 5;
  SolveParameters eight = one;
  one.threads = 1;
  eight.threads = 8;
  for (const Solver* solver :
       std::initializer_list<const Solver*>{new BranchAndPriceSolver, new ColumnGenerationSolver}) {
    const std::unique_ptr<const Solver> owner(solver);
    const Result a = solver->solve(problem, one), b = solver->solve(problem, eight);
    EXPECT_EQ(a.permutation, b.permutation);
    EXPECT_EQ(a.bound->kept, b.bound->kept);
  }
}

TEST_P(Relaxation, StopsAtOnceWhenInterrupted) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 64, 128, 3));
  std::atomic<bool> interrupt = true;
  SolveParameters stopped = parameters();
  stopped.interrupt = &interrupt;
  const Result result = BranchAndPriceSolver().solve(problem, stopped);
  EXPECT_EQ(result.status, Status::kInterrupted);
  EXPECT_GE(result.magnitude.kept, problem.magnitude().default_kept);
}

TEST(RelaxationSupport, RefusesMoreGroupsThanCanBePriced) {
  const Problem problem(ScoreMatrix(1, 4096));
  const Support support =
      BranchAndPriceSolver().supports(problem, Options("", BranchAndPriceSolver().info().options, {}));
  EXPECT_FALSE(support);
  EXPECT_NE(support.refusal.find("1.17e+13"), std::string::npos) << support.refusal;
  EXPECT_NE(support.advice.find("entropic-dive"), std::string::npos);
}

}  // namespace
}  // namespace nmperm
