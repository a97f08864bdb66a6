#include "solvers/matching.h"

#include <atomic>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "heuristics/annealing.h"
#include "solvers/exhaustive.h"
#include "solvers/perfect_matching.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;

std::int64_t weight_of(const EdgeWeights& weights, const std::vector<int>& mate) {
  std::int64_t sum = 0;
  for (int a = 0; a < weights.nodes; ++a) {
    const int b = mate[static_cast<std::size_t>(a)];
    if (a < b) sum += weights.at(a, b);
  }
  return sum;
}

/// The most weight of any perfect matching of the nodes that are left.
std::int64_t most_weight(const EdgeWeights& weights, std::vector<int> left) {
  if (left.empty()) return 0;
  const int a = left.back();
  left.pop_back();
  std::int64_t most = -1;
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::vector<int> rest = left;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    most = std::max(most, weights.at(a, left[i]) + most_weight(weights, rest));
  }
  return most;
}

EdgeWeights random_weights(int nodes, std::int64_t most, std::uint64_t seed) {
  EdgeWeights weights{nodes, std::vector<std::int64_t>(EdgeWeights::number(0, nodes))};
  Rng rng(seed);
  for (auto& w : weights.weight) {
    w = static_cast<std::int64_t>(std::llround(rng.uniform() * static_cast<double>(most)));
  }
  return weights;
}

RC_GTEST_PROP(PerfectMatching, IsTheHeaviestAndProvesIt, ()) {
  const int nodes = 2 * *rc::gen::inRange(1, 5);
  const auto most = *rc::gen::elementOf(std::vector<std::int64_t>{1, 3, 100, std::int64_t{1} << 48});
  const EdgeWeights weights = random_weights(nodes, most, testing::arbitrary_seed());
  const auto matching = best_perfect_matching(weights, {});
  RC_ASSERT(matching.has_value());
  std::vector<int> all;
  for (int a = 0; a < nodes; ++a) {
    const int b = matching->mate[static_cast<std::size_t>(a)];
    RC_ASSERT(b != a && matching->mate[static_cast<std::size_t>(b)] == a);
    all.push_back(a);
  }
  const std::int64_t weight = weight_of(weights, matching->mate);
  RC_ASSERT(weight == most_weight(weights, all));
  RC_ASSERT(matching->bound == static_cast<double>(weight));
}

TEST(PerfectMatching, OddCyclesNeedBlossoms) {
  // Two triangles of heavy edges, joined by light ones: node values alone prove no better than 30.
  EdgeWeights weights{6, std::vector<std::int64_t>(15, 1)};
  for (const int first : {0, 3}) {
    weights.at(first, first + 1) = weights.at(first, first + 2) = weights.at(first + 1, first + 2) = 10;
  }
  const auto matching = best_perfect_matching(weights, {});
  EXPECT_EQ(weight_of(weights, matching->mate), 21);
  EXPECT_EQ(matching->bound, 21);
}

TEST(PerfectMatching, StopsWhenAsked) {
  const EdgeWeights weights = random_weights(300, 1000, 1);
  EXPECT_FALSE(best_perfect_matching(weights, [] { return true; }).has_value());
  int asked = 0;
  EXPECT_FALSE(best_perfect_matching(weights, [&asked] { return ++asked > 10; }).has_value());
}

RC_GTEST_PROP(Matching, EqualsExhaustive, ()) {
  const Pattern pattern{1, 2};
  const Segments segments(*testing::arbitrary_segments(pattern, 5));
  const Problem problem(testing::random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 20),
                                               segments.columns(), testing::arbitrary_seed()),
                        pattern, segments);
  const Result result = MatchingSolver().solve(problem);
  const double optimum = ExhaustiveSolver().solve(problem).magnitude.kept;
  RC_ASSERT(std::abs(result.magnitude.kept - optimum) <= 1e-12 * problem.magnitude().total);
  RC_ASSERT(result.bound->kept >= result.magnitude.kept);
  RC_ASSERT(result.bound->kept <= optimum * (1 + 1e-11));
  RC_ASSERT(result.status == Status::kOptimal);
}

TEST(Matching, NoHeuristicBeatsIt) {
  const Problem problem(testing::random_scores(testing::Scores::kHeavyTail, 24, 64, 3), {1, 2});
  const Result result = MatchingSolver().solve(problem);
  ASSERT_EQ(result.status, Status::kOptimal);
  EXPECT_EQ(result.bound->method, "matching");
  SolveParameters some_moves;
  some_moves.limits.iterations = 50'000;
  EXPECT_LE(AnnealingSolver().solve(problem, some_moves).magnitude.kept, result.bound->kept);
}

TEST(Matching, StoppedReturnsTheStartAndClaimsNoOptimum) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 16, 200, 1), {1, 2});
  const std::atomic<bool> interrupt = true;
  SolveParameters parameters;
  parameters.interrupt = &interrupt;
  parameters.start = testing::shuffled(problem.segments(), 1);
  const Result result = MatchingSolver().solve(problem, parameters);
  EXPECT_EQ(result.status, Status::kInterrupted);
  EXPECT_EQ(result.permutation, *parameters.start);
}

TEST(Matching, IterationsAreSegments) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 4, 16, 1), {1, 2},
                        Segments({8, 8}));
  SolveParameters parameters;
  parameters.limits.iterations = 1;
  const Result result = MatchingSolver().solve(problem, parameters);
  EXPECT_EQ(result.status, Status::kFeasible);
  EXPECT_TRUE(std::equal(result.permutation.begin() + 8, result.permutation.end(),
                         identity_permutation(16).begin() + 8));
}

TEST(Matching, RefusesGroupsThatAreNoPairs) {
  const std::string line =
      testing::refusal_of<UnsupportedError>([] { MatchingSolver().solve(Problem(ScoreMatrix(1, 8))); });
  EXPECT_THAT(line, HasSubstr("groups of 4 columns"));
  EXPECT_THAT(line, HasSubstr("the pattern 1:2"));
}

TEST(Matching, RefusesWhatTakesTooMuchMemory) {
  const std::string line = testing::refusal_of<UnsupportedError>([] {
    MatchingSolver().solve(Problem(ScoreMatrix(1, 100'000), {1, 2}));
  });
  EXPECT_THAT(line, HasSubstr("5e+09 pairs of 100000 columns"));
  EXPECT_THAT(line, HasSubstr("GB"));
  EXPECT_THAT(line, HasSubstr("annealed-assignment"));
}

}  // namespace
}  // namespace nmperm
