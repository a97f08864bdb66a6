#include "formulations/subsets.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace nmperm {
namespace {

TEST(Subsets, AreNumberedInColexicographicOrder) {
  const Subsets pairs(4, 2);
  const std::vector<std::vector<int>> expected = {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}};
  ASSERT_EQ(pairs.count(), expected.size());
  std::vector<int> walked = pairs.subset(0);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(pairs.subset(i), expected[i]);
    EXPECT_EQ(pairs.number(expected[i]), i);
    EXPECT_EQ(walked, expected[i]);
    EXPECT_EQ(pairs.next(walked), i + 1 < expected.size());
  }
}

TEST(Subsets, NumberAndSubsetAreInverse) {
  for (int elements = 1; elements <= 10; ++elements) {
    for (int size = 0; size <= elements; ++size) {
      const Subsets subsets(elements, size);
      EXPECT_EQ(static_cast<double>(subsets.count()), binomial(elements, size));
      for (std::size_t i = 0; i < subsets.count(); ++i) EXPECT_EQ(subsets.number(subsets.subset(i)), i);
    }
  }
}

TEST(Subsets, CountOfManyIsADouble) {
  EXPECT_EQ(binomial(64, 4), 635376);
  EXPECT_EQ(binomial(4, 5), 0);
  EXPECT_NEAR(binomial(64, 32) / 1.832624140942590534e18, 1, 1e-12);
  EXPECT_THROW(Subsets(64, 32), InternalError);
  EXPECT_THROW(Subsets(3, 4), InternalError);
}

}  // namespace
}  // namespace nmperm
