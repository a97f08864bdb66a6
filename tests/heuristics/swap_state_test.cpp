#include "heuristics/swap_state.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "heuristics/kept.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"

namespace nmperm {
namespace {

using testing::Scores;

RC_GTEST_PROP(SwapState, ForetellsEveryChange, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const Segments segments(pattern.group * *rc::gen::inRange(2, 7));
  const Scores kind = *testing::arbitrary_kind();
  const Problem problem(
      testing::random_scores(kind, *rc::gen::inRange(1, 100), segments.columns(), testing::arbitrary_seed()),
      pattern);
  const double scale = problem.search_scale();
  const double rounding = testing::sums_are_exact(kind) ? 0 : 1e-5 * problem.magnitude().total;
  SwapState state(problem, testing::shuffled(segments, testing::arbitrary_seed()));
  Rng rng(testing::arbitrary_seed());
  for (int k = 0; k < 20; ++k) {
    const double before = testing::sorted_kept(problem.scores(), pattern, state.permutation());
    RC_ASSERT(std::abs(state.kept() * scale - before) <= rounding);
    int i = 0, j = 0;
    while (state.group_of(i) == state.group_of(j))
      i = rng.below(problem.columns()), j = rng.below(problem.columns());
    const double change = state.swap_change(i, j) * scale;
    RC_ASSERT(std::abs(change - state.swap_change(j, i) * scale) <= rounding);
    Permutation expected = state.permutation();
    std::swap(expected[static_cast<std::size_t>(i)], expected[static_cast<std::size_t>(j)]);
    state.swap(i, j);
    RC_ASSERT(state.permutation() == expected);
    RC_ASSERT(std::abs(testing::sorted_kept(problem.scores(), pattern, expected) - before - change) <=
              rounding);
    RC_ASSERT(std::abs(state.swap_change(i, j) * scale + change) <= rounding);  // and back again
  }
}

RC_GTEST_PROP(SwapState, AssignForgetsWhatWas, ()) {
  const Segments segments(4 * *rc::gen::inRange(2, 7));
  const Problem problem(
      testing::random_scores(Scores::kUniform, 33, segments.columns(), testing::arbitrary_seed()));
  const Permutation to = testing::shuffled(segments, testing::arbitrary_seed());
  SwapState state(problem, testing::shuffled(segments, testing::arbitrary_seed()));
  state.swap(0, 4);
  state.assign(to);
  const SwapState fresh(problem, to);
  RC_ASSERT(state.permutation() == to);
  RC_ASSERT(state.kept() == fresh.kept());
  for (int j = 4; j < segments.columns(); ++j) RC_ASSERT(state.swap_change(0, j) == fresh.swap_change(0, j));
}

RC_GTEST_PROP(Kept, OfAPermutationIsTheOracle, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const Segments segments(pattern.group * *rc::gen::inRange(1, 7));
  const Scores kind = *testing::arbitrary_kind();
  const Problem problem(
      testing::random_scores(kind, *rc::gen::inRange(1, 100), segments.columns(), testing::arbitrary_seed()),
      pattern);
  const Permutation permutation = testing::shuffled(segments, testing::arbitrary_seed());
  const double kept = testing::sorted_kept(problem.scores(), pattern, permutation);
  const double rounding = testing::sums_are_exact(kind) ? 0 : 1e-5 * kept;
  RC_ASSERT(std::abs(kept_of_permutation(problem, permutation) * problem.search_scale() - kept) <= rounding);
}

RC_GTEST_PROP(RandomPermutation, StaysInsideItsSegments, ()) {
  const Segments segments(*testing::arbitrary_segments({2, 4}, 5));
  const Permutation permutation = random_permutation(segments, Rng(testing::arbitrary_seed()));
  validate_permutation(permutation, segments, "random");
}

TEST(RandomPermutation, MovesColumnsInEverySegment) {
  const Segments segments({16, 32});
  const Permutation permutation = random_permutation(segments, Rng(1));
  const Permutation identity = identity_permutation(48);
  EXPECT_FALSE(std::equal(permutation.begin(), permutation.begin() + 16, identity.begin()));
  EXPECT_FALSE(std::equal(permutation.begin() + 16, permutation.end(), identity.begin() + 16));
}

}  // namespace
}  // namespace nmperm
