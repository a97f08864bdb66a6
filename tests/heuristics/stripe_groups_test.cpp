#include "heuristics/stripe_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "instances/load.h"
#include "tests/heuristics/solver_cases.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::random_scores;
using testing::refusal_of;
using testing::Scores;

Result solve(const Problem& problem, const OptionValues& options) {
  SolveParameters parameters;
  parameters.options = options;
  return StripeGroupsSolver().solve(problem, parameters);
}

const Problem& published_instance() {
  static const Problem problem(load_instance("random:128x64:1").scores, {2, 4});
  return problem;
}

TEST(StripeGroups, ReachThePublishedFigures) {
  const Problem& problem = published_instance();
  EXPECT_NEAR(problem.magnitude().default_kept, 2852.377, 5e-4);
  const double pairs = solve(problem, {{"bounded-regressions", "0"}}).magnitude.kept;
  EXPECT_GE(pairs, 2919.75);
  const double triples =
      solve(problem, {{"bounded-regressions", "0"}, {"stripe-group-size", "12"}}).magnitude.kept;
  EXPECT_GE(triples, 2921.94);
  const double single = solve(problem, {{"bounded-regressions", "0"}, {"pass", "single"}}).magnitude.kept;
  EXPECT_GE(single, 2915);
}

TEST(StripeGroups, BoundedRegressionsNeverLose) {
  const Problem& problem = published_instance();
  double before = 0;
  for (const std::string count : {"0", "10", "100"}) {
    const Result result = solve(problem, {{"bounded-regressions", count}});
    testing::expect_valid(problem, result);
    EXPECT_GE(result.magnitude.kept, before) << count;
    EXPECT_EQ(result.status, Status::kFeasible);
    before = result.magnitude.kept;
  }
}

/// How much the best of all splits of `stripes` would add, over all choices of them.
double largest_gain(const Problem& problem, const Permutation& order, int stripes) {
  const int group = problem.pattern().group;
  double most = 0;
  const auto visit = [&](std::vector<int> columns) {
    const double now = testing::sorted_kept(problem.scores(), problem.pattern(), columns);
    const double best = testing::best_kept(problem.scores(), problem.pattern(), columns);
    most = std::max(most, best - now);
  };
  const auto append = [&](std::vector<int> columns, int g) {
    columns.insert(columns.end(), order.begin() + g * group, order.begin() + (g + 1) * group);
    return columns;
  };
  const auto segment = [&](int g) { return problem.segments().of_column(g * group); };
  for (int g = 0; g < problem.groups(); ++g) {
    for (int h = g + 1; h < problem.groups() && segment(h) == segment(g); ++h) {
      if (stripes == 2) visit(append(append({}, g), h));
      for (int i = h + 1; stripes == 3 && i < problem.groups() && segment(i) == segment(g); ++i) {
        visit(append(append(append({}, g), h), i));
      }
    }
  }
  return most;
}

TEST(StripeGroups, ConvergeUntilNoStripePairImproves) {
  for (const std::string pass : {"greedy", "single"}) {
    for (const std::string regressions : {"0", "10"}) {
      for (const Scores kind : {Scores::kIntegers, Scores::kTies, Scores::kUniform}) {
        const Problem problem(random_scores(kind, 30, 40, 8), {2, 4}, Segments({24, 16}));
        const Result result = solve(problem, {{"pass", pass}, {"bounded-regressions", regressions}});
        EXPECT_LE(largest_gain(problem, result.permutation, 2), testing::sums_are_exact(kind) ? 0 : 1e-4)
            << testing::name_of(kind) << " " << pass << " " << regressions;
      }
    }
  }
}

TEST(StripeGroups, ConvergeUntilNoStripeTripleImproves) {
  const Problem problem(random_scores(Scores::kIntegers, 20, 20, 8), {2, 4});
  const Result result = solve(problem, {{"stripe-group-size", "12"}, {"bounded-regressions", "2"}});
  EXPECT_EQ(largest_gain(problem, result.permutation, 3), 0);
  EXPECT_EQ(largest_gain(problem, result.permutation, 2), 0);
}

TEST(StripeGroups, OfAllColumnsAreOptimal) {
  for (const auto& [columns, size] : {std::pair{8, "8"}, {12, "12"}, {16, "16"}}) {
    const Problem problem(random_scores(Scores::kIntegers, 25, columns, 4), {2, 4});
    const Result result = solve(problem, {{"stripe-group-size", size}, {"bounded-regressions", "0"}});
    EXPECT_EQ(result.magnitude.kept,
              testing::best_kept(problem.scores(), {2, 4}, identity_permutation(columns)));
  }
}

TEST(StripeGroups, MorePassesNeverLose) {
  const Problem& problem = published_instance();
  double before = problem.magnitude().default_kept;
  for (std::int64_t passes = 0; passes < 8; ++passes) {
    SolveParameters parameters;
    parameters.limits.iterations = passes;
    parameters.options = {{"bounded-regressions", "0"}};
    const Result result = StripeGroupsSolver().solve(problem, parameters);
    EXPECT_GE(result.magnitude.kept, before);
    EXPECT_LE(static_cast<std::int64_t>(result.trace.size()), passes + 1);
    before = result.magnitude.kept;
  }
}

TEST(StripeGroups, RefuseWhatTheyCannotEnumerate) {
  const Problem problem(random_scores(Scores::kUniform, 4, 32, 1), {8, 16});
  EXPECT_THAT(refusal_of<UnsupportedError>([&] { solve(problem, {}); }),
              AllOf(HasSubstr("solver stripe-groups"), HasSubstr("32 columns"), HasSubstr("8:16"),
                    HasSubstr("at most 16 columns"), HasSubstr("channel-swap and annealing")));
  const Problem wide(random_scores(Scores::kUniform, 4, 32, 1), {4, 8});
  EXPECT_NO_THROW(solve(wide, {{"bounded-regressions", "0"}}));
}

TEST(StripeGroups, RefuseMoreStripeGroupsThanTheyList) {
  const Problem problem(ScoreMatrix(1, 4 * 700), {2, 4});  // binomial(700, 4) = 9.9e9
  EXPECT_THAT(refusal_of<UnsupportedError>([&] {
                solve(problem, {{"stripe-group-size", "16"}});
              }),
              AllOf(HasSubstr("stripe groups of 4 stripes"), HasSubstr("smaller stripe-group-size")));
  EXPECT_THAT(refusal_of([&] { solve(problem, {{"stripe-group-size", "17"}}); }), HasSubstr("2 .. 16"));
}

}  // namespace
}  // namespace nmperm
