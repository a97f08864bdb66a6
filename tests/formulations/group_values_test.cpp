#include "formulations/group_values.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/objective.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"

namespace nmperm {
namespace {

constexpr double kDoubleSums = 1e-12;

RC_GTEST_PROP(GroupValues, EqualSortingEveryRowOfEveryGroup, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(6);
  const int columns = pattern.group + *rc::gen::inRange(0, 6), first = *rc::gen::inRange(0, 5);
  const auto kind = *testing::arbitrary_kind();
  const ScoreMatrix scores =
      testing::random_scores(kind, *rc::gen::inRange(1, 40), first + columns + 2, testing::arbitrary_seed());
  const auto values = GroupValues::compute(scores, pattern, first, columns, *rc::gen::inRange(1, 4));
  RC_ASSERT(values.has_value());
  for (std::size_t q = 0; q < values->count(); ++q) {
    std::vector<int> group = values->groups().subset(q);
    for (int& column : group) column += first;
    const double kept = testing::sorted_kept(scores, pattern.keep, group);
    const double total = testing::sorted_kept(scores, pattern.group, group);
    RC_ASSERT(std::abs(values->kept(q) - kept) <= kDoubleSums * kept);
    RC_ASSERT(std::abs(values->pruned(q) - (total - kept)) <= kDoubleSums * total);
  }
}

TEST(GroupValues, AreTheSameForAnyNumberOfThreads) {
  // Large enough that threads are used at all.
  const ScoreMatrix scores = testing::random_scores(testing::Scores::kUniform, 256, 24, 1);
  const auto one = GroupValues::compute(scores, {2, 4}, 0, 24, 1);
  const auto four = GroupValues::compute(scores, {2, 4}, 0, 24, 4);
  for (std::size_t q = 0; q < one->count(); ++q) ASSERT_EQ(one->kept(q), four->kept(q));
}

TEST(GroupValues, StopWhenAsked) {
  const ScoreMatrix scores = testing::random_scores(testing::Scores::kUniform, 8, 12, 1);
  for (const int group : {2, 3, 4}) {
    EXPECT_FALSE(GroupValues::compute(scores, {1, group}, 0, 12, 2, [] { return true; }).has_value());
  }
}

}  // namespace
}  // namespace nmperm
