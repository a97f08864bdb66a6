// Rows of replacements that are estimated from pairs (heuristics/replacement_rows.h).

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "core/permutation.h"
#include "core/quantised_scores.h"
#include "heuristics/pair_estimates.h"
#include "heuristics/replacement_pricing.h"
#include "heuristics/replacement_rows.h"
#include "tests/heuristics/rated_groups.h"

namespace nmperm {
namespace {

using testing::Rated;

/// Groups of more types than are rated in bytes at once.
struct FromPairs {
  FromPairs(int columns, int rows_of_scores, int multiplicity = 1)
      : rated({2, 4}, columns, std::vector<int>(static_cast<std::size_t>(columns), multiplicity),
              std::size_t{8} << 20, rows_of_scores),
        bytes(rated.problem.scores()),
        pairs(rated.search, bytes, Rated::byte_pointers(bytes, columns), rated.types()) {
    rated.rows.rate_in_bytes(bytes, Rated::byte_pointers(bytes, columns));
    rated.rows.estimate_from_pairs(pairs);
  }

  std::size_t rate(const std::vector<int>& groups) {
    return rated.rows.rate(rated.pool, groups, groups.size(), rated.free(), rated.search);
  }
  double said(int g, int slot, int type) const {
    return rated.rows.offset(g, slot) + static_cast<double>(rated.rows.row(g, slot)[type]);
  }
  double kept(int g, int slot, int type) const {
    std::vector<int> group(rated.pool.types(g), rated.pool.types(g) + 4);
    group[static_cast<std::size_t>(slot)] = type;
    return rated.kept(group.data());
  }
  /// Of most slots the best replacement is looked up, so that it is known but for the rounding of bytes.
  bool knows_the_best(int g, int slot) const {
    double most = 0;
    int best = 0;
    for (int t = 0; t < rated.problem.columns(); ++t) {
      const double value = kept(g, slot, t);
      if (value > most) best = t;
      most = std::max(most, value);
    }
    return std::abs(said(g, slot, best) - most) < 0.3;
  }

  Rated rated;
  QuantisedScores bytes;
  PairEstimates pairs;
};

class EstimatedRows : public ::testing::Test, protected FromPairs {
 protected:
  static constexpr int kColumns = 640;
  EstimatedRows() : FromPairs(kColumns, 300) {}
  void SetUp() override { ASSERT_EQ(rate(rated.groups), kColumns / 4); }
};

TEST_F(EstimatedRows, KnowWhatPromisesMost) {
  int known = 0;
  for (int g = 0; g < 40; ++g) known += knows_the_best(g, g % 4);
  EXPECT_GT(known, 32);
}

TEST(EstimatedRowsOfManyTypes, KnowWhatPromisesMost) {
  FromPairs many(8192 + 104, 48);
  const std::vector<int> groups{0, 1, 5, 1000, 1500, 2047, 2048, 2049, 2072, 2073};  // beyond type 8192, too
  ASSERT_EQ(many.rate(groups), groups.size());
  int known = 0;
  for (const int g : groups) known += many.knows_the_best(g, g % 4);
  EXPECT_GT(known, 8);
}

TEST(EstimatedRowsOfEqualColumns, AreThoseOfGroupsThatHoldThemTwice) {
  FromPairs twice(640, 300, 2);
  Rated& rated = twice.rated;
  std::vector<int> groups;
  for (int t = 0; t < 60; t += 3) {
    const std::array<int, 4> types{t, t, t + 1, t + 2};
    groups.push_back(rated.pool.add(types.data(), rated.kept(types.data())));
  }
  ASSERT_EQ(twice.rate(groups), groups.size());
  int known = 0;
  for (const int g : groups) {
    known += twice.knows_the_best(g, 0) + twice.knows_the_best(g, 2);
    // Slots that hold the same offer the same.
    EXPECT_EQ(twice.said(g, 0, 200), twice.said(g, 1, 200));
  }
  EXPECT_GT(known, 32);
  // Groups are proposed that hold a type as often as it is there, and no oftener.
  const std::vector<double> prices(640, rated.pool.kept(groups[0]) / 4 * 1.01);
  const int before = rated.pool.size();
  price_replacements(rated.pool, rated.rows, groups, prices, rated.remaining, {0, 3}, 2);
  ASSERT_GT(rated.pool.size(), before);
  int twins = 0;
  for (int g = before; g < rated.pool.size(); ++g) {
    const int* const types = rated.pool.types(g);
    ASSERT_NEAR(rated.pool.kept(g), rated.kept(types), 1e-3);
    for (int k = 0; k + 2 < 4; ++k) EXPECT_FALSE(types[k] == types[k + 2]) << g;
    twins += std::adjacent_find(types, types + 4) != types + 4;
  }
  EXPECT_GT(twins, 0);
}

TEST_F(EstimatedRows, AreToldTheTruthWhenPriced) {
  // Prices that make some replacements pay; whatever rows said, the pool has what groups keep.
  const std::vector<double> prices(kColumns, rated.pool.kept(0) / 4 * 1.01);
  price_replacements(rated.pool, rated.rows, rated.groups, prices, rated.remaining, {0, 3}, 2);
  ASSERT_GT(rated.pool.size(), static_cast<int>(rated.groups.size()));
  for (int g = 0; g < rated.pool.size(); ++g) {
    ASSERT_NEAR(rated.pool.kept(g), rated.kept(rated.pool.types(g)), 1e-3);
  }
  // And rows are corrected: what a slot offers best it now says as it is, in float32 and not in bytes.
  int corrected = 0;
  for (const int g : {0, 7, 31, 100}) {
    for (int slot = 0; slot < 4; ++slot) {
      const float* const row = rated.rows.row(g, slot);
      int best = 0;
      for (int t = 1; t < kColumns; ++t) {
        const int* const types = rated.pool.types(g);
        if (std::count(types, types + 4, t) == 0 && row[t] > row[best]) best = t;
      }
      corrected += std::abs(said(g, slot, best) - kept(g, slot, best)) < 1e-3;
    }
  }
  EXPECT_GE(corrected, 12);
}

TEST_F(EstimatedRows, OfFewTypesAreFormedInBytes) {
  std::vector<int> few = identity_permutation(kColumns);
  few.resize(100);
  FromPairs other(kColumns, 300);
  other.rated.rows.narrow(few);
  ASSERT_EQ(other.rate({0, 1}), 2u);
  for (int t = 0; t < 100; ++t) EXPECT_NEAR(other.said(1, 2, t), kept(1, 2, t), 0.3);
}

}  // namespace
}  // namespace nmperm
