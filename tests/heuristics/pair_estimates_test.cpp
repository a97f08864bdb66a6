#include "heuristics/pair_estimates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

#include <gtest/gtest.h>

#include "core/quantised_scores.h"
#include "heuristics/replacement_pricing.h"
#include "heuristics/replacement_rows.h"
#include "tests/heuristics/rated_groups.h"
#include "tests/support/brute_force.h"

namespace nmperm {
namespace {

using testing::Rated;

std::vector<const std::uint8_t*> pointers(const QuantisedScores& bytes, int columns) {
  std::vector<const std::uint8_t*> result;
  for (int c = 0; c < columns; ++c) result.push_back(bytes.column(c));
  return result;
}

std::vector<int> identity(int columns) {
  std::vector<int> result(static_cast<std::size_t>(columns));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

/// What a slot of group g would keep with every type, and what is estimated.
struct Slot {
  Slot(const Rated& rated, const PairEstimates& pairs, int g, int slot) {
    const Pattern& pattern = rated.problem.pattern();
    const int columns = rated.problem.columns();
    std::vector<float> row(static_cast<std::size_t>(columns) + 16);
    pairs.estimate(rated.pool.types(g), slot, row.data());
    std::vector<int> group(rated.pool.types(g), rated.pool.types(g) + pattern.group);
    for (int t = 0; t < columns; ++t) {
      if (std::count(group.begin(), group.end(), t) > 0) continue;
      std::vector<int> other = group;
      other[static_cast<std::size_t>(slot)] = t;
      kept.push_back(rated.kept(other.data()));
      estimate.push_back(static_cast<double>(row[static_cast<std::size_t>(t)]));
    }
  }
  std::vector<double> kept, estimate;
};

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double mx = mean(x), my = mean(y);
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    xy += (x[k] - mx) * (y[k] - my);
    xx += (x[k] - mx) * (x[k] - mx);
    yy += (y[k] - my) * (y[k] - my);
  }
  return xy / std::sqrt(xx * yy);
}

TEST(PairEstimates, AreExactForPairs) {
  constexpr int kColumns = 64, kRows = 37;
  const Rated rated({1, 2}, kColumns, std::vector<int>(kColumns, 1));
  const QuantisedScores bytes(rated.problem.scores());
  const PairEstimates pairs(rated.search, bytes, pointers(bytes, kColumns), identity(kColumns));
  const double step = bytes.unit() * 63;
  for (const int g : rated.groups) {
    const Slot slot(rated, pairs, g, 0);
    const double off = mean(slot.kept) - mean(slot.estimate);
    for (std::size_t t = 0; t < slot.kept.size(); ++t) {
      EXPECT_NEAR(slot.kept[t], slot.estimate[t] + off, kRows * step) << g << ", " << t;
    }
    EXPECT_GT(correlation(slot.kept, slot.estimate), 0.999) << g;
  }
}

TEST(PairEstimates, TellMostOfWhatGroupsKeep) {
  // The share that pairs hold in theory, for uniform scores, is the square of 0.89 at 2:4.
  const struct {
    Pattern pattern;
    double least;
  } cases[] = {{{2, 4}, 0.85}, {{1, 4}, 0.7}, {{4, 8}, 0.7}, {{2, 3}, 0.85}};
  for (const auto& [pattern, least] : cases) {
    const int columns = 24 * pattern.group;
    const Rated rated(pattern, columns, std::vector<int>(static_cast<std::size_t>(columns), 1), 1 << 20, 300);
    const QuantisedScores bytes(rated.problem.scores());
    const PairEstimates pairs(rated.search, bytes, pointers(bytes, columns), identity(columns));
    double sum = 0;
    for (const int g : rated.groups) {
      const Slot slot(rated, pairs, g, g % pattern.group);
      sum += correlation(slot.kept, slot.estimate);
    }
    EXPECT_GT(sum / static_cast<double>(rated.groups.size()), least) << pattern.str();
  }
}

TEST(PairEstimates, DoNotDependOnTheThreads) {
  constexpr int kColumns = 200;
  const Rated rated({2, 4}, kColumns, std::vector<int>(kColumns, 1));
  const QuantisedScores bytes(rated.problem.scores());
  const auto columns = pointers(bytes, kColumns);
  const auto with_threads = [&](int threads) {
    SolveParameters parameters;
    parameters.threads = threads;
    const Search search(rated.problem, parameters, "test", Options("test", {}, {}));
    return PairEstimates(search, bytes, columns, identity(kColumns));
  };
  const PairEstimates one = with_threads(1), three = with_threads(3);
  std::vector<float> row(kColumns), other(kColumns);
  for (const int g : rated.groups) {
    one.estimate(rated.pool.types(g), 1, row.data());
    three.estimate(rated.pool.types(g), 1, other.data());
    EXPECT_EQ(row, other);
  }
}

TEST(PairEstimates, OfNothingAreZero) {
  const Problem problem(ScoreMatrix(40, 8), {2, 4});
  const QuantisedScores bytes(problem.scores());
  const Search search(problem, {}, "test", Options("test", {}, {}));
  const PairEstimates pairs(search, bytes, pointers(bytes, 8), identity(8));
  std::vector<float> row(8, 1.0f);
  const std::array<int, 4> group{0, 1, 2, 3};
  pairs.estimate(group.data(), 0, row.data());
  EXPECT_EQ(row, std::vector<float>(8, 0.0f));
}

/// Rows of more types than are rated in bytes at once.
class EstimatedRows : public ::testing::Test {
 protected:
  static constexpr int kColumns = 640;
  Rated rated{{2, 4}, kColumns, std::vector<int>(kColumns, 1), std::size_t{8} << 20, 300};
  QuantisedScores bytes{rated.problem.scores()};
  PairEstimates pairs{rated.search, bytes, pointers(bytes, kColumns), identity(kColumns)};

  void SetUp() override {
    rated.rows.rate_in_bytes(bytes, pointers(bytes, kColumns));
    rated.rows.estimate_from_pairs(pairs);
    ASSERT_EQ(rated.rows.rate(rated.pool, rated.groups, 1000, rated.free(), rated.search), kColumns / 4);
  }

  double said(int g, int slot, int type) const {
    return rated.rows.offset(g, slot) + static_cast<double>(rated.rows.row(g, slot)[type]);
  }
  double kept(int g, int slot, int type) const {
    std::vector<int> group(rated.pool.types(g), rated.pool.types(g) + 4);
    group[static_cast<std::size_t>(slot)] = type;
    return rated.kept(group.data());
  }
};

TEST_F(EstimatedRows, KnowWhatPromisesMost) {
  // Of most slots the best replacement is looked up, so that it is known but for the rounding of bytes.
  int known = 0, slots = 0;
  for (int g = 0; g < 40; ++g) {
    for (int slot = g % 4; slot < 4; slot += 4, ++slots) {
      int best = 0;
      for (int t = 1; t < kColumns; ++t) {
        if (kept(g, slot, t) > kept(g, slot, best)) best = t;
      }
      known += std::abs(said(g, slot, best) - kept(g, slot, best)) < 0.3;
    }
  }
  EXPECT_GT(known, slots * 8 / 10);
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
  std::vector<int> few = identity(kColumns);
  few.resize(100);
  Rated other{{2, 4}, kColumns, std::vector<int>(kColumns, 1), std::size_t{8} << 20, 300};
  other.rows.rate_in_bytes(bytes, pointers(bytes, kColumns));
  other.rows.estimate_from_pairs(pairs);
  other.rows.narrow(few);
  ASSERT_EQ(other.rows.rate(other.pool, {0, 1}, 10, other.free(), other.search), 2u);
  for (int t = 0; t < 100; ++t) {
    EXPECT_NEAR(other.rows.offset(1, 2) + static_cast<double>(other.rows.row(1, 2)[t]), kept(1, 2, t), 0.3);
  }
}

}  // namespace
}  // namespace nmperm
