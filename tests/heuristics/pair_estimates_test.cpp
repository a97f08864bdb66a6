#include "heuristics/pair_estimates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/permutation.h"
#include "core/quantised_scores.h"
#include "core/rng.h"
#include "tests/heuristics/rated_groups.h"

namespace nmperm {
namespace {

using testing::Rated;

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
  const PairEstimates pairs(rated.search, bytes, Rated::byte_pointers(bytes, kColumns), rated.types());
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
    const PairEstimates pairs(rated.search, bytes, Rated::byte_pointers(bytes, columns),
                              identity_permutation(columns));
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
  const auto columns = Rated::byte_pointers(bytes, kColumns);
  const auto with_threads = [&](int threads) {
    SolveParameters parameters;
    parameters.threads = threads;
    const Search search(rated.problem, parameters, "test", Options("test", {}, {}));
    return PairEstimates(search, bytes, columns, rated.types());
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
  const PairEstimates pairs(search, bytes, Rated::byte_pointers(bytes, 8), identity_permutation(8));
  std::vector<float> row(8, 1.0f);
  const std::array<int, 4> group{0, 1, 2, 3};
  pairs.estimate(group.data(), 0, row.data());
  EXPECT_EQ(row, std::vector<float>(8, 0.0f));
}

/// Uniform scores of which every row holds the same, in an order of its own: the share above s is 1 - s.
ScoreMatrix even_scores(int rows, int columns) {
  ScoreMatrix scores(rows, columns);
  std::vector<int> order = identity_permutation(columns);
  Rng rng(5);
  for (int r = 0; r < rows; ++r) {
    rng.shuffle(order);
    for (int c = 0; c < columns; ++c) {
      const int rank = order[static_cast<std::size_t>(c)];
      scores.at(r, c) = (static_cast<float>(rank) + 0.5f) / static_cast<float>(columns);
    }
  }
  return scores;
}

/// Estimates at 2:4 of even scores, beside what the header's integral says of them in closed form.
class EvenScores {
 public:
  EvenScores(int rows, int columns, const std::vector<int>& groups)
      : problem_(even_scores(rows, columns), {2, 4}),
        bytes_(problem_.scores()),
        search_(problem_, Rated::parameters(), "test", Options("test", {}, {})),
        pairs_(search_, bytes_, Rated::byte_pointers(bytes_, columns), groups) {}

  /// What a slot beside three types is worth with every type, less what one beside three others is: what
  /// single types contribute is gone, and pairs are left. The largest error of the estimates in proportion to
  /// the standard deviation of what they are to tell apart.
  double error(const std::array<int, 3>& beside, const std::array<int, 3>& other) const {
    const std::vector<float> one = estimate(beside), two = estimate(other);
    std::vector<double> said, formula;
    for (int t = 0; t < problem_.columns(); ++t) {
      const auto at = static_cast<std::size_t>(t);
      said.push_back(static_cast<double>(one[at]) - static_cast<double>(two[at]));
      formula.push_back(pair_terms(beside, t) - pair_terms(other, t));
    }
    const double off = mean(said) - mean(formula);  // a constant of the slots
    double most = 0;
    for (std::size_t t = 0; t < said.size(); ++t) {
      most = std::max(most, std::abs(said[t] - off - formula[t]));
    }
    return most / deviation(formula);
  }
  /// Of the estimates of a slot beside three types with what is kept in truth.
  double correlation_with_truth(const std::array<int, 3>& beside) const {
    const std::vector<float> row = estimate(beside);
    std::vector<double> kept;
    for (int t = 0; t < problem_.columns(); ++t) {
      kept.push_back(testing::sorted_kept(problem_.scores(), 2, {beside[0], beside[1], beside[2], t}));
    }
    return correlation(kept, {row.begin(), row.end()});
  }

 private:
  std::vector<float> estimate(const std::array<int, 3>& beside) const {
    std::vector<float> row(static_cast<std::size_t>(problem_.columns()));
    const std::array<int, 4> types{beside[0], beside[1], beside[2], 0};
    pairs_.estimate(types.data(), 3, row.data());
    return row;
  }
  /// T(y) = y^2 - 2/3 y^3, as q(s) = 1 - s.
  double pair_terms(const std::array<int, 3>& beside, int type) const {
    double sum = 0;
    for (const int other : beside) {
      for (int r = 0; r < problem_.rows(); ++r) {
        const auto y =
            static_cast<double>(std::min(problem_.scores().at(r, other), problem_.scores().at(r, type)));
        sum -= y * y - 2 * y * y * y / 3;
      }
    }
    return sum;
  }
  static double deviation(const std::vector<double>& values) {
    const double middle = mean(values);
    double sum = 0;
    for (const double value : values) sum += (value - middle) * (value - middle);
    return std::sqrt(sum / static_cast<double>(values.size()));
  }

  Problem problem_;
  QuantisedScores bytes_;
  Search search_;
  PairEstimates pairs_;
};

/// Groups of which each holds two columns of one type.
std::vector<int> groups_of_twins(int types) {
  std::vector<int> groups;
  for (int t = 0; t + 2 < types; t += 3) groups.insert(groups.end(), {t, t, t + 1, t + 2});
  return groups;
}

TEST(PairEstimates, CountEqualColumnsEachTime) {
  const EvenScores even(64, 384, groups_of_twins(384));
  EXPECT_LT(even.error({5, 9, 17}, {1, 2, 3}), 0.05);
  EXPECT_LT(even.error({5, 5, 9}, {1, 2, 3}), 0.05);
  EXPECT_LT(even.error({5, 5, 5}, {1, 2, 200}), 0.05);
  EXPECT_LT(even.error({383, 0, 383}, {0, 0, 0}), 0.05);
}

TEST(PairEstimates, TellWhatGroupsOfEqualColumnsKeep) {
  const EvenScores even(256, 384, groups_of_twins(384));
  for (const auto& beside : {std::array{5, 9, 17}, std::array{5, 5, 9}, std::array{100, 101, 101}}) {
    EXPECT_GT(even.correlation_with_truth(beside), 0.85) << beside[0];
  }
}

TEST(PairEstimates, FollowTheFormulaForManyTypes) {
  constexpr int kTypes = 8192 + 104;  // the last tile is not full
  const EvenScores even(24, kTypes, identity_permutation(kTypes));
  EXPECT_LT(even.error({5, 4000, kTypes - 1}, {1, 2, 3}), 0.15);
  EXPECT_LT(even.error({8191, 8191, 8192}, {kTypes - 2, 64, 63}), 0.15);
}

}  // namespace
}  // namespace nmperm
