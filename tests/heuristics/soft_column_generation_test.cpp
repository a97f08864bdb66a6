// The parts of a dive: pool, prices, replacement rows, pricing, partial partitions, column types.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/quantised_scores.h"
#include "heuristics/column_types.h"
#include "heuristics/entropic_duals.h"
#include "heuristics/group_pool.h"
#include "heuristics/partial_partition.h"
#include "heuristics/replacement_pricing.h"
#include "heuristics/replacement_rows.h"
#include "heuristics/row_scan.h"
#include "tests/heuristics/rated_groups.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using testing::random_scores;
using testing::Rated;
using testing::Scores;

TEST(GroupPool, FindsWhatWasAddedAndNothingElse) {
  GroupPool pool(3);
  const std::array<int, 3> a{1, 2, 3}, b{1, 2, 4}, c{2, 2, 4};
  EXPECT_EQ(pool.find(a.data()), -1);
  EXPECT_EQ(pool.add(a.data(), 1.5), 0);
  EXPECT_EQ(pool.add(c.data(), 2.5), 1);
  EXPECT_EQ(pool.add(a.data(), 9), 0);  // the first value stays
  EXPECT_EQ(pool.kept(0), 1.5);
  EXPECT_EQ(pool.find(b.data()), -1);
  EXPECT_EQ(pool.compact({0, 1}), (std::vector<int>{-1, 0}));
  EXPECT_EQ(pool.size(), 1);
  EXPECT_EQ(pool.find(a.data()), -1);
  EXPECT_EQ(pool.find(c.data()), 0);
  EXPECT_EQ(pool.kept(0), 2.5);
}

TEST(GroupPool, HoldsManyGroups) {
  GroupPool pool(2);
  std::array<int, 2> pair;
  for (pair[0] = 0; pair[0] < 80; ++pair[0]) {
    for (pair[1] = pair[0]; pair[1] < 80; ++pair[1]) pool.add(pair.data(), pair[0] + 100 * pair[1]);
  }
  ASSERT_EQ(pool.size(), 80 * 81 / 2);
  for (int g = 0; g < pool.size(); ++g) {
    EXPECT_EQ(pool.find(pool.types(g)), g);
    EXPECT_EQ(pool.kept(g), pool.types(g)[0] + 100 * pool.types(g)[1]);
  }
}

TEST(ColumnTypes, MergesEqualAndDeadColumnsOnly) {
  const ScoreMatrix scores =
      testing::scores_of_rows({{1, 0, 1, 1e-32f, 1, 0, 2}, {2, 0, 3, 0, 2, 1e-30f, 2}});
  const ColumnTypes types(scores, {0, 1, 2, 3, 4, 5, 6});
  EXPECT_EQ(types.count(), 4);
  EXPECT_EQ(types.columns(0), (std::vector<int>{0, 4}));
  EXPECT_EQ(types.columns(1), (std::vector<int>{1, 3, 5}));
  EXPECT_EQ(types.multiplicities(), (std::vector<int>{2, 3, 1, 1}));
  const std::vector<int> columns{6, 3, 1, 0, 5, 4, 2};
  const std::vector<int> again = types.columns_of(types.types_of(columns));
  EXPECT_TRUE(std::is_permutation(again.begin(), again.end(), columns.begin(), columns.end()));
  EXPECT_EQ(types.types_of(again), types.types_of(columns));
}

RC_GTEST_PROP(EntropicDuals, WeightsCoverEveryTypeAndFollowThePrices, ()) {
  const int types = *rc::gen::inRange(4, 12);
  Rng rng(testing::arbitrary_seed());
  GroupPool pool(2);
  std::vector<int> active;
  std::array<int, 2> pair;
  for (pair[0] = 0; pair[0] < types; ++pair[0]) {
    for (pair[1] = pair[0]; pair[1] < types; ++pair[1])
      active.push_back(pool.add(pair.data(), rng.uniform()));
  }
  std::vector<int> remaining;
  for (int t = 0; t < types; ++t) remaining.push_back(1 + rng.below(3));
  EntropicDuals duals(types);
  const double temperature = 0.1;
  duals.fit(pool, active, remaining, temperature, 10000, 1e-9);
  std::vector<double> coverage(static_cast<std::size_t>(types), 0.0);
  for (std::size_t a = 0; a < active.size(); ++a) {
    for (int k = 0; k < 2; ++k)
      coverage[static_cast<std::size_t>(pool.types(active[a])[k])] += duals.weight(a);
    const double expected = std::exp(duals.reduced(pool, active[a]) / temperature);
    RC_ASSERT(std::abs(duals.weight(a) - expected) <= 1e-6 * expected + 1e-12);
  }
  for (std::size_t t = 0; t < coverage.size(); ++t) {
    RC_ASSERT(std::abs(coverage[t] - remaining[t]) <= 1e-6 * remaining[t]);
  }
}

TEST(EntropicDuals, RecoversFromPricesThatLeaveNoWeight) {
  GroupPool pool(2);
  const std::array<int, 2> group{0, 1};
  pool.add(group.data(), 3);
  EntropicDuals duals(2);
  duals.prices() = {1e6, 1e6};
  duals.fit(pool, {0}, {1, 1}, 0.01, 50, 1e-9);
  EXPECT_NEAR(duals.weight(0), 1, 1e-6);
  EXPECT_NEAR(duals.prices()[0] + duals.prices()[1], 3, 1e-6);
}

TEST(RowScan, FindsWhatIsAboveTheThreshold) {
  Rng rng(1);
  constexpr std::size_t kCount = 64;
  std::vector<float> w(kCount), price(kCount);
  for (std::size_t j = 0; j < kCount; ++j) {
    w[j] = static_cast<float>(rng.uniform());
    price[j] = j % 7 == 0 ? INFINITY : static_cast<float>(rng.uniform());
  }
  for (const float threshold : {-2.0f, -0.2f, 0.3f, 5.0f}) {
    std::vector<int> indices(kCount + 16);
    std::vector<float> values(kCount + 16);
    const std::size_t found = scan_above(w.data(), price.data(), kCount, threshold,
                                         threshold > 0 ? w.data() : nullptr, indices.data(), values.data());
    std::size_t expected = 0;
    for (std::size_t j = 0; j < kCount; ++j) {
      if (!(w[j] - price[j] > threshold)) continue;
      ASSERT_LT(expected, found);
      EXPECT_EQ(indices[expected], static_cast<int>(j));
      EXPECT_EQ(values[expected], w[j] - price[j]);
      ++expected;
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(ReplacementPricing, AddsExactlyTheReplacementsThatPay) {
  for (const Pattern pattern : {Pattern{2, 4}, {1, 2}, {3, 4}, {2, 3}, {4, 8}}) {
    const int columns = 5 * pattern.group;
    std::vector<int> remaining(static_cast<std::size_t>(columns), 1);
    remaining[0] = 0;  // used up: in no new group, yet the first group is a base without it
    remaining[static_cast<std::size_t>(columns) - 1] = 2;
    Rated rated(pattern, columns, remaining);
    ASSERT_EQ(rated.rows.rate(rated.pool, rated.groups, 100, rated.free(), rated.search), 5u);
    std::vector<double> prices;
    Rng rng(3);
    for (int t = 0; t < columns; ++t)
      prices.push_back(rated.pool.kept(0) / pattern.group * (0.9 + 0.2 * rng.uniform()));
    price_replacements(rated.pool, rated.rows, rated.groups, prices, remaining, {0.1, 1000}, 2);

    std::set<std::vector<int>> expected;
    for (const int g : rated.groups) {
      for (int slot = 0; slot < pattern.group; ++slot) {
        for (int type = 0; type < columns; ++type) {
          std::vector<int> group(rated.pool.types(g), rated.pool.types(g) + pattern.group);
          group[static_cast<std::size_t>(slot)] = type;
          std::sort(group.begin(), group.end());
          double reduced = rated.kept(group.data());
          bool fits = true;
          for (const int t : group) {
            reduced -= prices[static_cast<std::size_t>(t)];
            fits =
                fits && std::count(group.begin(), group.end(), t) <= remaining[static_cast<std::size_t>(t)];
          }
          if (fits && reduced > 0.1 &&
              rated.pool.find(group.data()) >= static_cast<int>(rated.groups.size())) {
            expected.insert(group);
          } else if (fits && reduced > 0.1) {
            EXPECT_GE(rated.pool.find(group.data()), 0);
          }
        }
      }
    }
    EXPECT_EQ(static_cast<std::size_t>(rated.pool.size()) - rated.groups.size(), expected.size())
        << pattern.str();
    EXPECT_GT(expected.size(), 0u);
    for (int g = 0; g < rated.pool.size(); ++g) {
      EXPECT_NEAR(rated.pool.kept(g), rated.kept(rated.pool.types(g)), 1e-4) << pattern.str();
    }
  }
}

TEST(ReplacementPricing, KnowsWhatGroupsKeepThoughRowsAreFormedInBytes) {
  for (const Pattern pattern : {Pattern{2, 4}, {1, 2}, {4, 8}}) {
    const int columns = 12 * pattern.group;
    Rated rated(pattern, columns, std::vector<int>(static_cast<std::size_t>(columns), 1));
    const QuantisedScores bytes(rated.problem.scores());
    std::vector<const std::uint8_t*> byte_columns;
    for (int c = 0; c < columns; ++c) byte_columns.push_back(bytes.column(c));
    rated.rows.rate_in_bytes(bytes, byte_columns);
    rated.rows.rate(rated.pool, rated.groups, 100, rated.free(), rated.search);
    const double half_step = 0.5 * bytes.unit() * 63;
    for (const int g : rated.groups) {
      for (int slot = 0; slot < pattern.group; ++slot) {
        for (int type = 0; type < columns; ++type) {
          std::vector<int> group(rated.pool.types(g), rated.pool.types(g) + pattern.group);
          group[static_cast<std::size_t>(slot)] = type;
          // Old and new column, and thresholds: each score of a row is within half a step.
          ASSERT_NEAR(rated.rows.offset(g, slot) + static_cast<double>(rated.rows.row(g, slot)[type]),
                      rated.kept(group.data()), 2 * 37 * half_step);
        }
      }
    }
    const std::vector<double> prices(static_cast<std::size_t>(columns),
                                     rated.pool.kept(0) / pattern.group * 0.9);
    price_replacements(rated.pool, rated.rows, rated.groups, prices, rated.remaining, {0, 3}, 2);
    EXPECT_GT(rated.pool.size(), static_cast<int>(rated.groups.size()));
    for (int g = 0; g < rated.pool.size(); ++g) {
      EXPECT_NEAR(rated.pool.kept(g), rated.kept(rated.pool.types(g)), 1e-4) << pattern.str();
    }
  }
}

TEST(ReplacementPricing, TakesTheBestOfEverySlot) {
  const Pattern pattern{2, 4};
  const int columns = 400;  // several blocks of the scan
  Rated rated(pattern, columns, std::vector<int>(columns, 1));
  rated.rows.rate(rated.pool, {0}, 1, rated.free(), rated.search);
  const std::vector<double> prices(columns, 1);
  price_replacements(rated.pool, rated.rows, {0}, prices, rated.remaining, {-1e6, 2}, 1);
  std::set<std::vector<int>> expected;
  for (int slot = 0; slot < 4; ++slot) {
    std::vector<std::pair<double, std::vector<int>>> offers;
    for (int type = 4; type < columns; ++type) {
      std::vector<int> group(rated.pool.types(0), rated.pool.types(0) + 4);
      group[static_cast<std::size_t>(slot)] = type;
      std::sort(group.begin(), group.end());
      offers.emplace_back(-rated.kept(group.data()), group);
    }
    std::sort(offers.begin(), offers.end());
    expected.insert({offers[0].second, offers[1].second});
  }
  EXPECT_EQ(rated.pool.size(), 100 + static_cast<int>(expected.size()));
  for (const auto& group : expected) EXPECT_GE(rated.pool.find(group.data()), 0);
}

TEST(ReplacementRows, EvictsWhenTheCacheIsFull) {
  const Pattern pattern{2, 4};
  Rated rated(pattern, 400, std::vector<int>(400, 1), 0);
  ASSERT_EQ(rated.rows.capacity(), 64u);
  EXPECT_EQ(rated.rows.rate(rated.pool, rated.groups, 1000, rated.free(), rated.search),
            64u);  // no room for all of a call
  EXPECT_TRUE(rated.rows.has(63));
  EXPECT_FALSE(rated.rows.has(64));
  EXPECT_EQ(rated.rows.rate(rated.pool, {70, 71, 72}, 1000, rated.free(), rated.search), 3u);
  for (const int g : {70, 71, 72}) {
    ASSERT_TRUE(rated.rows.has(g));
    EXPECT_NEAR(rated.rows.offset(g, 1) + static_cast<double>(rated.rows.row(g, 1)[rated.pool.types(g)[1]]),
                rated.pool.kept(g), 1e-4);
  }
}

TEST(ReplacementRows, ForgetsNarrowRowsWhenWidened) {
  Rated rated({2, 4}, 16, std::vector<int>(16, 1));
  rated.rows.rate(rated.pool, {0}, 10, rated.free(), rated.search);
  rated.rows.narrow({4, 5, 6, 7});
  rated.rows.rate(rated.pool, {1}, 10, rated.free(), rated.search);
  EXPECT_TRUE(rated.rows.has(0));
  EXPECT_TRUE(rated.rows.has(1));
  std::vector<int> all(16);
  std::iota(all.begin(), all.end(), 0);
  rated.rows.narrow(all);
  EXPECT_TRUE(rated.rows.has(0));
  EXPECT_FALSE(rated.rows.has(1));
}

RC_GTEST_PROP(PartialPartition, IsAPartitionAtAnyTime, ()) {
  const int group = *rc::gen::inRange(2, 6);
  const int types = *rc::gen::inRange(2, 10);
  Rng rng(testing::arbitrary_seed());
  std::vector<int> all;
  std::vector<int> multiplicities(static_cast<std::size_t>(types), 0);
  for (int k = 0; k < group * 6; ++k) {
    const int type = rng.below(types);
    all.push_back(type);
    ++multiplicities[static_cast<std::size_t>(type)];
  }
  PartialPartition partition(group);
  partition.assign(all, multiplicities);
  while (partition.free_columns() > 0) {
    std::vector<int> free;
    for (int t = 0; t < types; ++t) {
      free.insert(free.end(), static_cast<std::size_t>(partition.remaining()[static_cast<std::size_t>(t)]),
                  t);
    }
    RC_ASSERT(free.size() == partition.free_columns());
    rng.shuffle(free);
    std::sort(free.begin(), free.begin() + group);
    RC_ASSERT(partition.fits(free.data()));
    RC_ASSERT(partition.missing(free.data()) == 0);
    partition.fix(free.data());
    partition.complete();
    RC_ASSERT(partition.completion().size() == partition.free_columns());
    std::vector<int> whole = partition.whole(), expected = all;
    std::sort(whole.begin(), whole.end());
    std::sort(expected.begin(), expected.end());
    RC_ASSERT(whole == expected);
  }
}

}  // namespace
}  // namespace nmperm
