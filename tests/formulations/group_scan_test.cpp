#include "formulations/group_scan.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formulations/subsets.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"

namespace nmperm {
namespace {

// Every multiset of types of M columns, with its pruned magnitude times the scale by sorting.
std::map<std::vector<int>, double> all_groups(const Problem& problem, const IntegerColumns& columns,
                                              int first) {
  std::map<std::vector<int>, double> groups;
  const Subsets subsets(columns.columns(), problem.pattern().group);
  for (std::size_t q = 0; q < subsets.count(); ++q) {
    std::vector<int> members = subsets.subset(q);
    for (int& c : members) c += first;
    std::vector<int> types;
    for (const auto t : columns.types_of(members)) types.push_back(t);
    std::sort(types.begin(), types.end());
    groups[types] = testing::sorted_kept(problem.scores(), problem.pattern().group, members) -
                    testing::sorted_kept(problem.scores(), problem.pattern().keep, members);
  }
  return groups;
}

struct Case {
  Problem problem;
  int segment;
  static Case arbitrary() {
    const Pattern pattern = *testing::arbitrary_pattern(5);
    const int groups = *rc::gen::inRange(1, pattern.group == 2 ? 6 : 4), before = *rc::gen::inRange(0, 2);
    const int columns = pattern.group * (groups + before);
    std::vector<int> lengths = {pattern.group * groups};
    if (before > 0) lengths.insert(lengths.begin(), pattern.group * before);
    return {Problem(testing::random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 90), columns,
                                           testing::arbitrary_seed()),
                    pattern, Segments(lengths)),
            before > 0 ? 1 : 0};
  }
};

RC_GTEST_PROP(GroupScan, FindsEveryGroupBelowTheLimit, ()) {
  const Case c = Case::arbitrary();
  const IntegerColumns columns(c.problem, c.segment);
  const GroupScan scan(c.problem, columns);
  const auto groups = all_groups(c.problem, columns, c.problem.segments().begin(c.segment));
  // Duals anywhere between nothing and twice the columns.
  std::vector<double> duals;
  for (int t = 0; t < columns.types(); ++t) {
    duals.push_back(std::nearbyint(columns.type_total(t) * *rc::gen::inRange(0, 200) / 100.0));
  }
  const double limit = std::nearbyint(columns.total() * *rc::gen::inRange(-50, 50) / 100.0);
  const std::size_t most = static_cast<std::size_t>(*rc::gen::inRange(1, 400));
  const auto result = scan.scan(duals, limit, most, *rc::gen::inRange(1, 4));
  RC_ASSERT(result.has_value());
  RC_ASSERT(result->groups.size() <= most);
  RC_ASSERT(result->limit <= limit);

  const double tolerance = columns.rounding() + 1e-11 * columns.total();
  std::set<std::vector<int>> found;
  for (std::size_t g = 0; g < result->groups.size(); ++g) {
    const std::vector<int> types(result->groups.types(g),
                                 result->groups.types(g) + c.problem.pattern().group);
    RC_ASSERT(std::is_sorted(types.begin(), types.end()));
    RC_ASSERT(found.insert(types).second);
    RC_ASSERT(groups.count(types) == 1u);
    RC_ASSERT(std::abs(result->groups.pruned(g) - groups.at(types) * columns.scale()) <= tolerance);
    RC_ASSERT(result->reduced[g] == result->groups.reduced(g, duals.data()));
    RC_ASSERT(result->reduced[g] < result->limit);
  }
  std::size_t below = 0;
  for (const auto& [types, pruned] : groups) {
    double reduced = pruned * columns.scale();
    for (const int t : types) reduced -= duals[static_cast<std::size_t>(t)];
    if (reduced < result->limit - tolerance) RC_ASSERT(found.count(types) == 1u);
    if (reduced < limit - tolerance) ++below;
  }
  if (below <= most) RC_ASSERT(std::abs(result->limit - limit) <= tolerance);
}

RC_GTEST_PROP(GroupScan, RepairedDualsAreFeasibleForEveryGroup, ()) {
  const Case c = Case::arbitrary();
  const IntegerColumns columns(c.problem, c.segment);
  const GroupScan scan(c.problem, columns);
  std::vector<double> duals;
  for (int t = 0; t < columns.types(); ++t) {
    duals.push_back(std::nearbyint(columns.type_total(t) * *rc::gen::inRange(0, 100) / 100.0));
  }
  const auto result = scan.scan(duals, 0, 1000, 1);
  const RepairedDuals repaired = scan.repair(duals, *result);
  double bound = 0;
  for (int t = 0; t < columns.types(); ++t) {
    bound += columns.multiplicity(t) * repaired.duals[static_cast<std::size_t>(t)];
  }
  RC_ASSERT(bound == repaired.bound);
  RC_ASSERT(scan.scan(repaired.duals, 0, 1000, 1)->groups.size() == 0u);
}

TEST(GroupScan, StopsWhenAsked) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 8, 12, 1));
  const IntegerColumns columns(problem, 0);
  const GroupScan scan(problem, columns);
  const std::vector<double> duals(12, 0.0);
  EXPECT_FALSE(scan.scan(duals, 0, 10, 2, [] { return true; }).has_value());
}

TEST(IntegerColumns, MergeEqualColumnsAndKeepTheTotalExact) {
  ScoreMatrix scores(3, 8);
  for (int c = 0; c < 8; ++c) {
    for (int r = 0; r < 3; ++r) scores.at(r, c) = c < 5 ? 0.0f : 0.1f * static_cast<float>(c + r);
  }
  scores.at(0, 4) = 1e-30f;  // below the resolution
  const Problem problem(std::move(scores));
  const IntegerColumns columns(problem, 0);
  EXPECT_EQ(columns.types(), 4);
  EXPECT_EQ(columns.multiplicity(0), 5);
  EXPECT_NEAR(columns.total(), problem.magnitude().total * columns.scale(), columns.rounding() + 1);
  EXPECT_LE(columns.total(), std::ldexp(1.0, 46) + 64);
  const std::vector<int> order = {3, 7, 0, 5, 1, 6, 2, 4};
  const auto types = columns.types_of(order);
  const std::vector<int> back = columns.columns_of(types);
  EXPECT_EQ(columns.types_of(back), types);
  EXPECT_EQ(std::set<int>(back.begin(), back.end()).size(), 8u);
}

}  // namespace
}  // namespace nmperm
