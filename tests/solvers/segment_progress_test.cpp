#include "solvers/segment_progress.h"

#include <gtest/gtest.h>

#include "tests/support/brute_force.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

TEST(SegmentProgress, JoinsTheBestOfEverySegment) {
  const Problem problem(testing::scores_of_rows({{4, 3, 2, 1, 8, 8, 0, 0}}), {1, 2}, Segments({4, 4}));
  Search search(problem, {}, "test", Options("test", {}, {}));
  SegmentProgress progress(search, "method");
  EXPECT_EQ(progress.kept(0), 4 + 2);
  EXPECT_EQ(progress.kept(1), 8 + 0);

  progress.offer(1, std::vector<int>{4, 6, 5, 7}, 16);
  EXPECT_EQ(search.incumbent(), (Permutation{0, 1, 2, 3, 4, 6, 5, 7}));
  EXPECT_EQ(search.incumbent_kept(), 6 + 16);
  progress.offer(0, std::vector<int>{0, 2, 1, 3}, 7);
  EXPECT_EQ(search.incumbent_kept(), 7 + 16);
  progress.offer(0, std::vector<int>{0, 1, 2, 3}, 6);
  EXPECT_EQ(search.incumbent(), (Permutation{0, 2, 1, 3, 4, 6, 5, 7})) << "a worse order is not taken";
}

TEST(SegmentProgress, AddsUpBounds) {
  // Row bounds of the segments are 6 + 5 and 16 + 8; no order reaches them all.
  const Problem problem(testing::scores_of_rows({{4, 2, 1, 1, 8, 8, 0, 0}, {4, 1, 1, 1, 4, 4, 0, 0}}), {1, 2},
                        Segments({4, 4}));
  Search search(problem, {}, "test", Options("test", {}, {}));
  SegmentProgress progress(search, "method");
  EXPECT_FALSE(search.bound_kept().has_value());
  progress.offer_bound(1, 24.5);
  EXPECT_EQ(search.bound_kept(), 11 + 24) << "the row bounds are better";
  progress.offer_bound(0, 10.5);
  EXPECT_EQ(search.bound_kept(), 10.5 + 24);
  EXPECT_EQ(search.result().bound->method, "method");
}

}  // namespace
}  // namespace nmperm
