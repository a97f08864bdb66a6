#include "heuristics/group_crossover.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "heuristics/kept.h"
#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

using testing::Scores;
using Groups = std::set<std::vector<int>>;

Groups groups_of(const Problem& problem, const Permutation& permutation) {
  Groups groups;
  for (auto at = permutation.begin(); at != permutation.end(); at += problem.pattern().group) {
    std::vector<int> columns(at, at + problem.pattern().group);
    std::sort(columns.begin(), columns.end());
    groups.insert(columns);
  }
  return groups;
}

Groups common(const Groups& a, const Groups& b) {
  Groups both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  return both;
}

/// A permutation and what a Parent points to.
struct Member {
  Member(const Problem& problem, Permutation columns)
      : permutation(std::move(columns)), kept(kept_by_group(problem, permutation)) {}
  Parent parent() const { return {&permutation, &kept}; }

  Permutation permutation;
  std::vector<double> kept;
};

Problem arbitrary_problem() {
  const Pattern pattern = *testing::arbitrary_pattern();
  const Segments segments(*testing::arbitrary_segments(pattern, 8));
  return Problem(testing::random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 40),
                                        segments.columns(), testing::arbitrary_seed()),
                 pattern, segments);
}

/// The groups of `permutation` with a few swaps of columns, places and order of groups shuffled.
Permutation relative(const Problem& problem, Permutation permutation, int swaps, Rng& rng) {
  const Segments& segments = problem.segments();
  const int group = problem.pattern().group;
  for (int k = 0; k < swaps; ++k) {
    const int s = rng.below(segments.count());
    const auto slot = [&] {
      return static_cast<std::size_t>(segments.begin(s) + rng.below(segments.length(s)));
    };
    std::swap(permutation[slot()], permutation[slot()]);
  }
  for (auto at = permutation.begin(); at != permutation.end(); at += group) std::reverse(at, at + group);
  for (int s = 0; s < segments.count(); ++s) {
    std::rotate(permutation.begin() + segments.begin(s), permutation.begin() + segments.begin(s) + group,
                permutation.begin() + segments.end(s));
  }
  return permutation;
}

RC_GTEST_PROP(GroupCrossover, KeepsWhatTheParentsShare, ()) {
  const Problem problem = arbitrary_problem();
  Rng rng(testing::arbitrary_seed());
  const Member a(problem, testing::shuffled(problem.segments(), testing::arbitrary_seed()));
  const Member b(problem, relative(problem, a.permutation, *rc::gen::inRange(0, 10), rng));
  const auto value = mean_column_value(problem, {a.parent(), b.parent()});
  const Permutation child = group_crossover(problem, a.parent(), b.parent(), value, rng);
  validate_permutation(child, problem.segments(), "child");
  const Groups shared = common(groups_of(problem, a.permutation), groups_of(problem, b.permutation));
  RC_ASSERT(common(groups_of(problem, child), shared) == shared);
}

RC_GTEST_PROP(GroupCrossover, OfOneGroupingIsThatGrouping, ()) {
  const Problem problem = arbitrary_problem();
  Rng rng(testing::arbitrary_seed());
  const Member a(problem, testing::shuffled(problem.segments(), testing::arbitrary_seed()));
  const Member b(problem, relative(problem, a.permutation, 0, rng));
  const auto value = mean_column_value(problem, {a.parent(), b.parent()});
  const Permutation child = group_crossover(problem, a.parent(), b.parent(), value, rng);
  validate_permutation(child, problem.segments(), "child");
  RC_ASSERT(groups_of(problem, child) == groups_of(problem, a.permutation));
}

TEST(GroupCrossover, TakesGroupsOfBothParents) {
  const Problem problem(testing::random_scores(Scores::kUniform, 20, 64, 1), {2, 4});
  const Member a(problem, testing::shuffled(problem.segments(), 1));
  const Member b(problem, testing::shuffled(problem.segments(), 2));
  const auto value = mean_column_value(problem, {a.parent(), b.parent()});
  std::set<Permutation> children;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    const Permutation child = group_crossover(problem, a.parent(), b.parent(), value, rng);
    children.insert(child);
    const Groups groups = groups_of(problem, child);
    EXPECT_FALSE(common(groups, groups_of(problem, a.permutation)).empty()) << seed;
    EXPECT_FALSE(common(groups, groups_of(problem, b.permutation)).empty()) << seed;
  }
  EXPECT_GT(children.size(), 15u);
}

TEST(GroupCrossover, PrefersGroupsThatKeepMore) {
  const Problem problem(testing::random_scores(Scores::kUniform, 60, 64, 3), {2, 4});
  double children = 0, parents = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Member a(problem, testing::shuffled(problem.segments(), 2 * seed));
    const Member b(problem, testing::shuffled(problem.segments(), 2 * seed + 1));
    Rng rng(seed);
    const auto value = mean_column_value(problem, {a.parent(), b.parent()});
    children += kept_of_permutation(problem, group_crossover(problem, a.parent(), b.parent(), value, rng));
    parents +=
        (kept_of_permutation(problem, a.permutation) + kept_of_permutation(problem, b.permutation)) / 2;
  }
  // Groups drawn without regard to what they keep give children as good as their parents, within 0.01 %.
  EXPECT_GT(children, 1.0005 * parents);
}

RC_GTEST_PROP(MeanColumnValue, SumsToTheMeanKept, ()) {
  const Problem problem = arbitrary_problem();
  std::vector<Member> members;
  const int count = *rc::gen::inRange(1, 6);
  for (int k = 0; k < count; ++k) {
    members.emplace_back(problem, testing::shuffled(problem.segments(), testing::arbitrary_seed()));
  }
  std::vector<Parent> parents;
  double mean = 0;
  for (const Member& member : members) {
    parents.push_back(member.parent());
    mean += kept_of_permutation(problem, member.permutation) / count;
  }
  const auto value = mean_column_value(problem, parents);
  RC_ASSERT(value.size() == static_cast<std::size_t>(problem.columns()));
  RC_ASSERT(std::abs(std::accumulate(value.begin(), value.end(), 0.0) - mean) <= 1e-9 * mean);
}

TEST(MeanColumnValue, IsTheColumnsShareOfItsGroups) {
  const Problem problem(testing::scores_of_rows({{4, 2, 6, 8}}), {1, 2});
  const Member a(problem, {0, 1, 2, 3}), b(problem, {3, 1, 0, 2});
  EXPECT_EQ(a.kept, (std::vector<double>{4, 8}));
  EXPECT_EQ(b.kept, (std::vector<double>{8, 6}));
  EXPECT_EQ(mean_column_value(problem, {a.parent(), b.parent()}), (std::vector<double>{2.5, 3, 3.5, 4}));
}

}  // namespace
}  // namespace nmperm
