#include "heuristics/assignment_neighbourhood.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "heuristics/kept.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"

namespace nmperm {
namespace {

using testing::Scores;
using Precision = AssignmentNeighbourhood::Precision;

std::shared_ptr<const QuantisedScores> quantised(const Problem& problem) {
  return std::make_shared<const QuantisedScores>(problem.search_scores());
}

Incumbent incumbent_of(const Problem& problem, Permutation permutation) {
  const double kept = kept_of_permutation(problem, permutation);
  return {std::move(permutation), kept};
}

/// One random slot of each of some groups of one segment.
std::vector<int> random_slots(const Problem& problem, Rng& rng) {
  const Segments& segments = problem.segments();
  const int segment = rng.below(segments.count()), group = problem.pattern().group;
  std::vector<int> slots;
  for (int first = segments.begin(segment); first < segments.end(segment); first += group) {
    slots.push_back(first + rng.below(group));
  }
  rng.shuffle(slots);
  slots.resize(static_cast<std::size_t>(1 + rng.below(static_cast<int>(slots.size()))));
  return slots;
}

/// Slots whose column is another.
std::vector<int> changed_slots(const Permutation& before, const Permutation& after) {
  std::vector<int> slots;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] != after[i]) slots.push_back(static_cast<int>(i));
  }
  return slots;
}

Problem arbitrary_problem(Scores kind) {
  const Pattern pattern =
      *rc::gen::element(Pattern{1, 2}, Pattern{2, 4}, Pattern{1, 4}, Pattern{4, 8}, Pattern{2, 3});
  const Segments segments(*testing::arbitrary_segments(pattern, 12));
  return Problem(
      testing::random_scores(kind, *rc::gen::inRange(1, 150), segments.columns(), testing::arbitrary_seed()),
      pattern, segments);
}

/// Improves a few times with the given noise, in units of a group's mean, and checks what must always hold.
void check_improvements(Precision precision, double noise_in_groups, bool must_not_fall) {
  const Scores kind = *testing::arbitrary_kind();
  const Problem problem = arbitrary_problem(kind);
  const int threads = *rc::gen::inRange(1, 3);
  AssignmentNeighbourhood neighbourhood(problem, quantised(problem),
                                        static_cast<std::size_t>(problem.groups()), threads);
  Incumbent incumbent =
      incumbent_of(problem, testing::shuffled(problem.segments(), testing::arbitrary_seed()));
  const double noise = noise_in_groups * incumbent.kept / problem.groups();
  Rng rng(testing::arbitrary_seed());
  for (int k = 0; k < 8; ++k) {
    const Incumbent before = incumbent;
    const std::vector<int> slots = random_slots(problem, rng);
    const std::size_t moved = neighbourhood.improve(incumbent, slots, noise, precision, rng);
    validate_permutation(incumbent.permutation, problem.segments(), "improved");
    const std::vector<int> changed = changed_slots(before.permutation, incumbent.permutation);
    RC_ASSERT(changed.size() == moved);
    for (const int slot : changed) RC_ASSERT(std::find(slots.begin(), slots.end(), slot) != slots.end());
    const double kept = kept_of_permutation(problem, incumbent.permutation);
    RC_ASSERT(std::abs(incumbent.kept - kept) <= 1e-6 * kept);
    if (must_not_fall) {
      RC_ASSERT(incumbent.kept >= before.kept);
      // A gain of 1e-32 is one, but the sum does not show it.
      if (kind != Scores::kDeadColumns) RC_ASSERT(moved == 0 || incumbent.kept > before.kept);
    }
  }
}

RC_GTEST_PROP(AssignmentNeighbourhood, NeverFallsInFloat, ()) {
  check_improvements(Precision::kFloat, 0, true);
}

RC_GTEST_PROP(AssignmentNeighbourhood, NeverFallsInBytes, ()) {
  check_improvements(Precision::kBytes, 0, true);
}

RC_GTEST_PROP(AssignmentNeighbourhood, KeepsAccountsWithNoiseInFloat, ()) {
  check_improvements(Precision::kFloat, 0.3, false);
}

RC_GTEST_PROP(AssignmentNeighbourhood, KeepsAccountsWithNoiseInBytes, ()) {
  check_improvements(Precision::kBytes, 0.3, false);
}

/// Kept magnitude of the best way to put the columns of `slots` back, by trying all.
double best_rearrangement(const Problem& problem, Permutation permutation, const std::vector<int>& slots) {
  std::vector<int> columns;
  for (const int slot : slots) columns.push_back(permutation[static_cast<std::size_t>(slot)]);
  std::sort(columns.begin(), columns.end());
  double best = 0;
  do {
    for (std::size_t i = 0; i < slots.size(); ++i)
      permutation[static_cast<std::size_t>(slots[i])] = columns[i];
    best = std::max(best, testing::sorted_kept(problem.scores(), problem.pattern(), permutation));
  } while (std::next_permutation(columns.begin(), columns.end()));
  return best;
}

RC_GTEST_PROP(AssignmentNeighbourhood, InFloatIsTheBestRearrangement, ()) {
  const Pattern pattern = *rc::gen::element(Pattern{1, 2}, Pattern{2, 4}, Pattern{4, 8});
  const Scores kind = *rc::gen::element(Scores::kUniform, Scores::kIntegers, Scores::kTies);
  const int groups = *rc::gen::inRange(2, 7);
  const Problem problem(testing::random_scores(kind, *rc::gen::inRange(1, 40), groups * pattern.group,
                                               testing::arbitrary_seed()),
                        pattern);
  Incumbent incumbent =
      incumbent_of(problem, testing::shuffled(problem.segments(), testing::arbitrary_seed()));
  Rng rng(testing::arbitrary_seed());
  const std::vector<int> slots = random_slots(problem, rng);
  const double best = best_rearrangement(problem, incumbent.permutation, slots);
  AssignmentNeighbourhood neighbourhood(problem, quantised(problem), slots.size(), 1);
  neighbourhood.improve(incumbent, slots, 0, Precision::kFloat, rng);
  RC_ASSERT(std::abs(incumbent.kept - best) <= 1e-5 * best);
}

Problem large_problem() {
  return Problem(testing::random_scores(Scores::kUniform, 64, 400, 3), {2, 4});
}

/// The same slot of every group, over and over.
Incumbent improved(const Problem& problem, double noise, Precision precision, int threads) {
  AssignmentNeighbourhood neighbourhood(problem, quantised(problem), 100, threads);
  Incumbent incumbent = incumbent_of(problem, identity_permutation(problem.columns()));
  std::vector<int> slots(100);
  Rng rng(5);
  for (int k = 0; k < 4; ++k) {
    for (int i = 0; i < 100; ++i) slots[static_cast<std::size_t>(i)] = 4 * i + k;
    neighbourhood.improve(incumbent, slots, noise, precision, rng);
  }
  return incumbent;
}

TEST(AssignmentNeighbourhood, InBytesFindsNearlyAllThatFloatFinds) {
  const Problem problem = large_problem();
  const double start = kept_of_permutation(problem, identity_permutation(400));
  const double gain = improved(problem, 0, Precision::kFloat, 1).kept - start;
  EXPECT_GT(gain, 0.02 * start);
  EXPECT_GT(improved(problem, 0, Precision::kBytes, 1).kept - start, 0.9 * gain);
}

TEST(AssignmentNeighbourhood, NoiseAcceptsLosses) {
  const Problem problem = large_problem();
  const double start = kept_of_permutation(problem, identity_permutation(400));
  for (const Precision precision : {Precision::kFloat, Precision::kBytes}) {
    EXPECT_LT(improved(problem, start, precision, 1).kept, improved(problem, 0, precision, 1).kept);
  }
}

TEST(AssignmentNeighbourhood, DoesTheSameOnAnyNumberOfThreads) {
  const Problem problem = large_problem();
  for (const Precision precision : {Precision::kFloat, Precision::kBytes}) {
    for (const double noise : {0.0, 1.0}) {
      const Incumbent one = improved(problem, noise, precision, 1);
      for (const int threads : {2, 8}) {
        const Incumbent more = improved(problem, noise, precision, threads);
        EXPECT_EQ(more.permutation, one.permutation);
        EXPECT_EQ(more.kept, one.kept);
      }
    }
  }
}

}  // namespace
}  // namespace nmperm
