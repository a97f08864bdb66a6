#include "heuristics/stripe_group.h"

#include <algorithm>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/objective.h"
#include "tests/support/brute_force.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using testing::Scores;

TEST(StripeGroup, CountsArrangements) {
  EXPECT_EQ(StripeGroup(2, {2, 4}).arrangements(), 35u);
  EXPECT_EQ(StripeGroup(3, {2, 4}).arrangements(), 5775u);
  EXPECT_EQ(StripeGroup(4, {2, 4}).arrangements(), 2627625u);
  EXPECT_EQ(StripeGroup(2, {4, 8}).arrangements(), 6435u);
  EXPECT_EQ(StripeGroup(4, {1, 2}).arrangements(), 105u);
  EXPECT_EQ(StripeGroup(3, {2, 3}).arrangements(), 280u);
}

struct Case {
  int stripes;
  Pattern pattern;

  std::string name() const {
    return std::to_string(stripes) + "StripesOf" + std::to_string(pattern.keep) + "Of" +
           std::to_string(pattern.group);
  }
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name();
}

class StripeGroupBest : public ::testing::TestWithParam<Case> {};

TEST_P(StripeGroupBest, EqualsBruteForce) {
  const auto [stripes, pattern] = GetParam();
  const StripeGroup rater(stripes, pattern);
  StripeGroup::Workspace workspace;
  const int count = stripes * pattern.group;
  const Permutation all = identity_permutation(count);
  const bool large = count > 12;
  std::uint64_t seed = 0;
  for (const Scores kind : testing::kAllScores) {
    if (kind == Scores::kHuge || kind == Scores::kTiny) continue;  // a Problem scales these
    for (const int rows : large ? std::vector<int>{17} : std::vector<int>{1, 16, 50, 200}) {
      SCOPED_TRACE(testing::name_of(kind) + " " + std::to_string(rows) + " rows");
      const ScoreMatrix scores = testing::random_scores(kind, rows, count, ++seed);
      std::vector<const float*> columns;
      for (int c = 0; c < count; ++c) columns.push_back(scores.column(c));
      const StripeGroup::Best best = rater.best(columns.data(), scores.stride(), workspace);
      const Permutation order(best.order.begin(), best.order.begin() + count);
      ASSERT_NO_THROW(validate_permutation(order, Segments(count), "order"));
      const double before = kept_magnitude(scores, pattern, all),
                   after = kept_magnitude(scores, pattern, order);
      const double most = testing::best_kept(scores, pattern, all);
      // Float sums of 300 rows in 2 and more terms.
      const double rounding = testing::sums_are_exact(kind) ? 0 : 1e-5 * most;
      EXPECT_NEAR(after, most, rounding);
      EXPECT_NEAR(best.gain, after - before, rounding);
      EXPECT_GE(best.gain, 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, StripeGroupBest,
                         ::testing::Values(Case{2, {2, 4}}, Case{3, {2, 4}}, Case{4, {2, 4}}, Case{2, {1, 4}},
                                           Case{3, {3, 4}}, Case{2, {1, 2}}, Case{3, {1, 2}}, Case{4, {1, 2}},
                                           Case{2, {2, 3}}, Case{3, {2, 3}}, Case{4, {1, 3}}, Case{2, {4, 8}},
                                           Case{2, {3, 5}}, Case{3, {2, 5}}, Case{2, {5, 6}}),
                         [](const auto& test) { return test.param.name(); });

TEST(StripeGroup, GainsNothingWhereAllIsEqual) {
  for (const int stripes : {2, 3, 4}) {
    const ScoreMatrix scores = testing::random_scores(Scores::kAllEqual, 33, stripes * 4, 1);
    std::vector<const float*> columns;
    for (int c = 0; c < scores.columns(); ++c) columns.push_back(scores.column(c));
    StripeGroup::Workspace workspace;
    EXPECT_EQ(StripeGroup(stripes, {2, 4}).best(columns.data(), scores.stride(), workspace).gain, 0);
  }
}

TEST(StripeGroup, RefusesMoreColumnsThanItsTablesHold) {
  EXPECT_THROW(StripeGroup(3, {4, 8}), InternalError);
}

}  // namespace
}  // namespace nmperm
