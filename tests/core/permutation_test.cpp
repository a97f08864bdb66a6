#include "core/permutation.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;

std::string refused(const Permutation& permutation, const Segments& segments) {
  return refusal_of([&] { validate_permutation(permutation, segments, "order.json"); });
}

TEST(Permutation, RefusesAWrongLength) {
  EXPECT_THAT(refused({0, 1, 2}, Segments(4)),
              AllOf(HasSubstr("order.json"), HasSubstr("has 3 entries"), HasSubstr("expected 4")));
  EXPECT_THAT(refused({}, Segments(4)), HasSubstr("has 0 entries"));
  EXPECT_THAT(refused({0, 1, 2, 3, 4}, Segments(4)), HasSubstr("has 5 entries"));
}

TEST(Permutation, NamesTheColumnThatDoesNotExist) {
  EXPECT_THAT(refused({0, 1, 4, 3}, Segments(4)),
              AllOf(HasSubstr("permutation[2]"), HasSubstr("column 4"), HasSubstr("0..3")));
  EXPECT_THAT(refused({0, 1, 2, -1}, Segments(4)),
              AllOf(HasSubstr("permutation[3]"), HasSubstr("column -1")));
}

TEST(Permutation, NamesTheColumnThatStandsTwice) {
  EXPECT_THAT(refused({0, 1, 3, 1}, Segments(4)),
              AllOf(HasSubstr("permutation[3]"), HasSubstr("column 1"), HasSubstr("position 1 too")));
}

TEST(Permutation, NamesTheColumnThatLeftItsSegment) {
  EXPECT_THAT(
      refused({0, 1, 2, 4, 3, 5, 6, 7}, Segments({4, 4})),
      AllOf(HasSubstr("permutation[3]"), HasSubstr("column 4 of segment 1"), HasSubstr("in segment 0")));
  EXPECT_NO_THROW(validate_permutation({0, 1, 2, 4, 3, 5, 6, 7}, Segments(8), "test"));
  EXPECT_NO_THROW(validate_permutation({3, 1, 2, 0, 7, 5, 6, 4}, Segments({4, 4}), "test"));
}

RC_GTEST_PROP(Permutation, InverseUndoes, ()) {
  const Segments segments(*rc::gen::inRange(1, 200));
  const Permutation permutation = testing::shuffled(segments, testing::arbitrary_seed());
  const Permutation inverse = inverse_permutation(permutation);
  for (int i = 0; i < segments.columns(); ++i) {
    RC_ASSERT(inverse[static_cast<std::size_t>(permutation[static_cast<std::size_t>(i)])] == i);
  }
  RC_ASSERT(inverse_permutation(inverse) == permutation);
}

RC_GTEST_PROP(Permutation, CanonicalHasTheSameGroupsInOrder, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const Segments segments(*testing::arbitrary_segments(pattern));
  const Permutation permutation = testing::shuffled(segments, testing::arbitrary_seed());
  const Permutation canonical = canonical_permutation(permutation, segments, pattern);
  validate_permutation(canonical, segments, "canonical");
  RC_ASSERT(canonical_permutation(canonical, segments, pattern) == canonical);
  for (int s = 0; s < segments.count(); ++s) {
    for (int i = segments.begin(s); i < segments.end(s); i += pattern.group) {
      const auto group = canonical.begin() + i;
      RC_ASSERT(std::is_sorted(group, group + pattern.group));
      if (i > segments.begin(s)) RC_ASSERT(*group > *(group - pattern.group));
    }
  }
  const ScoreMatrix scores =
      testing::random_scores(testing::Scores::kIntegers, 5, segments.columns(), testing::arbitrary_seed());
  RC_ASSERT(testing::sorted_kept(scores, pattern, canonical) ==
            testing::sorted_kept(scores, pattern, permutation));
}

RC_GTEST_PROP(Permutation, CanonicalForgetsTheOrderInsideGroupsAndOfGroups, ()) {
  const Pattern pattern = *testing::arbitrary_pattern();
  const Segments segments(pattern.group * *rc::gen::inRange(1, 8));
  const Permutation permutation = testing::shuffled(segments, testing::arbitrary_seed());
  Rng rng(testing::arbitrary_seed());
  std::vector<Permutation> groups;
  for (auto at = permutation.begin(); at != permutation.end(); at += pattern.group) {
    groups.emplace_back(at, at + pattern.group);
    rng.shuffle(groups.back());
  }
  rng.shuffle(groups);
  Permutation other;
  for (const auto& group : groups) other.insert(other.end(), group.begin(), group.end());
  RC_ASSERT(canonical_permutation(other, segments, pattern) ==
            canonical_permutation(permutation, segments, pattern));
}

}  // namespace
}  // namespace nmperm
