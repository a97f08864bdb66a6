#include "heuristics/channel_swap.h"

#include <gtest/gtest.h>

#include "tests/heuristics/solver_cases.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using testing::random_scores;
using testing::Scores;

Result solve(const Problem& problem, const std::string& regressions, int threads = 1) {
  SolveParameters parameters;
  parameters.options = {{"bounded-regressions", regressions}};
  parameters.threads = threads;
  return ChannelSwapSolver().solve(problem, parameters);
}

/// The largest change of the oracle that one swap of two columns inside a segment yields.
double largest_gain(const Problem& problem, const Permutation& order) {
  const Segments& segments = problem.segments();
  const double now = problem.evaluate(order).kept;
  double most = -1e300;
  for (int i = 0; i < problem.columns(); ++i) {
    for (int j = i + 1; j < segments.end(segments.of_column(i)); ++j) {
      Permutation swapped = order;
      std::swap(swapped[static_cast<std::size_t>(i)], swapped[static_cast<std::size_t>(j)]);
      most = std::max(most, problem.evaluate(swapped).kept - now);
    }
  }
  return most;
}

TEST(ChannelSwap, ConvergesUntilNoSwapImproves) {
  for (const Pattern pattern : {Pattern{2, 4}, {1, 2}, {3, 8}}) {
    for (const std::string regressions : {"0", "10"}) {
      for (const Scores kind : {Scores::kIntegers, Scores::kTies, Scores::kUniform}) {
        const Problem problem(random_scores(kind, 30, 48, 8), pattern, Segments({32, 16}));
        const Result result = solve(problem, regressions, 2);
        EXPECT_GT(result.magnitude.kept, problem.magnitude().default_kept);
        EXPECT_LE(largest_gain(problem, result.permutation), testing::sums_are_exact(kind) ? 0 : 1e-4)
            << testing::name_of(kind) << " " << pattern.str() << " " << regressions;
      }
    }
  }
}

// Tall columns make threshold blocks of a single group each.
TEST(ChannelSwap, ConvergesInBlocksOfOneGroup) {
  const Problem problem(random_scores(Scores::kTies, 9000, 12, 8), {2, 4});
  const Result result = solve(problem, "0", 2);
  EXPECT_LE(largest_gain(problem, result.permutation), 0);
}

TEST(ChannelSwap, BoundedRegressionsNeverLose) {
  const Problem problem(random_scores(Scores::kUniform, 64, 48, 3), {2, 4});
  double before = 0;
  for (const std::string count : {"0", "10", "100"}) {
    const Result result = solve(problem, count);
    testing::expect_valid(problem, result);
    EXPECT_GE(result.magnitude.kept, before) << count;
    before = result.magnitude.kept;
  }
}

}  // namespace
}  // namespace nmperm
