// Observers of a search: what they are told, and what happens when one throws.
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/search.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

Problem small_problem() {
  return Problem(testing::scores_of_rows({{2, 2, 2, 2, 0, 0, 0, 0}, {0, 0, 0, 0, 2, 2, 2, 2}}), {2, 4});
}
const Permutation kBetter = {0, 1, 2, 4, 3, 5, 6, 7};

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Search search_of(const Problem& problem, std::function<void(const TracePoint&)> observer) {
  SolveParameters parameters;
  parameters.observer = std::move(observer);
  return Search(problem, parameters, "tester", Options("tester", {}, {}));
}

TEST(SearchObserver, HearsEveryPointOfTheTrace) {
  const Problem problem = small_problem();
  std::vector<double> kept;
  Search search = search_of(problem, [&](const TracePoint& point) { kept.push_back(point.kept); });
  search.report(kBetter, 12);
  search.report(kBetter, 11);
  search.report_bound(16, "tester-bound");
  EXPECT_EQ(kept, (std::vector<double>{8, 12, 12}));
}

TEST(SearchObserver, WhatItThrowsEndsTheSearchAndComesOutOfIt) {
  const Problem problem = small_problem();
  int calls = 0;
  Search search = search_of(problem, [&](const TracePoint& point) {
    ++calls;
    if (point.kept > 8) throw Refused("kept " + std::to_string(calls));
  });
  EXPECT_FALSE(search.should_stop());
  EXPECT_NO_THROW(search.report(kBetter, 12));  // solvers report where nothing may be thrown
  EXPECT_TRUE(search.should_stop());
  EXPECT_NO_THROW(search.report_bound(16, "tester-bound"));
  EXPECT_EQ(calls, 2) << "called again after it had thrown";
  try {
    search.result();
    FAIL() << "nothing was thrown";
  } catch (const Refused& error) {
    EXPECT_STREQ(error.what(), "kept 2");
  }
}

TEST(SearchObserver, MayThrowAtTheVeryFirstPoint) {
  const Problem problem = small_problem();
  Search search = search_of(problem, [](const TracePoint&) { throw Refused("at once"); });
  EXPECT_TRUE(search.should_stop());
  EXPECT_THROW(search.result(), Refused);
}

}  // namespace
}  // namespace nmperm
