#include "heuristics/linear_assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/rng.h"
#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

/// n rows of n entries, `stride` apart; NaN between them, which nobody may read.
struct Square {
  Square(std::size_t size, std::size_t more_stride = 0)
      : n(size), stride(size + more_stride), w(n * stride, std::numeric_limits<float>::quiet_NaN()) {}
  float& at(std::size_t i, std::size_t j) { return w[i * stride + j]; }
  double at(std::size_t i, std::size_t j) const { return static_cast<double>(w[i * stride + j]); }

  std::size_t n, stride;
  std::vector<float> w;
};

double value(const Square& square, const std::vector<int>& column_of) {
  double sum = 0;
  for (std::size_t i = 0; i < square.n; ++i) sum += square.at(i, static_cast<std::size_t>(column_of[i]));
  return sum;
}

std::vector<int> identity(std::size_t n) {
  std::vector<int> columns(n);
  std::iota(columns.begin(), columns.end(), 0);
  return columns;
}

double best_of_all_permutations(const Square& square) {
  std::vector<int> columns = identity(square.n);
  double best = value(square, columns);
  while (std::next_permutation(columns.begin(), columns.end())) best = std::max(best, value(square, columns));
  return best;
}

/// The Hungarian method in its plain O(n^3) form, in double, on costs -w: rows enter one at a time.
double best_by_hungarian_method(const Square& square) {
  const std::size_t n = square.n;
  std::vector<double> u(n + 1, 0), v(n + 1, 0);
  std::vector<std::size_t> row_of(n + 1, 0), from(n + 1, 0);  // counted from 1; 0: none
  for (std::size_t row = 1; row <= n; ++row) {
    std::vector<double> slack(n + 1, std::numeric_limits<double>::infinity());
    std::vector<bool> used(n + 1, false);
    std::size_t column = 0;
    for (row_of[0] = row; row_of[column] != 0;) {
      used[column] = true;
      const std::size_t i = row_of[column];
      double least = std::numeric_limits<double>::infinity();
      std::size_t next = 0;
      for (std::size_t j = 1; j <= n; ++j) {
        if (used[j]) continue;
        const double reduced = -square.at(i - 1, j - 1) - u[i] - v[j];
        if (reduced < slack[j]) slack[j] = reduced, from[j] = column;
        if (slack[j] < least) least = slack[j], next = j;
      }
      for (std::size_t j = 0; j <= n; ++j) {
        if (used[j]) {
          u[row_of[j]] += least, v[j] -= least;
        } else {
          slack[j] -= least;
        }
      }
      column = next;
    }
    for (; column != 0; column = from[column]) row_of[column] = row_of[from[column]];
  }
  std::vector<int> column_of(n);
  for (std::size_t j = 1; j <= n; ++j) column_of[row_of[j] - 1] = static_cast<int>(j - 1);
  return value(square, column_of);
}

enum class Entries { kUniform, kTies, kNearlyDiagonal, kConstant, kNegative, kGains };

Square random_square(Entries kind, std::size_t n, std::size_t more_stride, std::uint64_t seed) {
  Square square(n, more_stride);
  Rng rng(seed);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const auto uniform = static_cast<float>(rng.uniform());
      float& entry = square.at(i, j);
      switch (kind) {
        case Entries::kUniform:
          entry = uniform;
          break;
        case Entries::kTies:
          entry = static_cast<float>(rng.below(4));
          break;
        case Entries::kNearlyDiagonal:  // a few rows have a better column
          entry = i == j ? 0.9f : uniform;
          break;
        case Entries::kConstant:
          entry = 3;
          break;
        case Entries::kNegative:
          entry = -1000 * uniform;
          break;
        case Entries::kGains:  // as neighbourhoods have them: 0 on the diagonal, mostly losses off it
          entry = i == j ? 0.0f : uniform - 0.8f;
          break;
      }
    }
  }
  return square;
}

rc::Gen<Entries> arbitrary_entries() {
  return rc::gen::element(Entries::kUniform, Entries::kTies, Entries::kNearlyDiagonal, Entries::kConstant,
                          Entries::kNegative, Entries::kGains);
}

/// Expects a permutation of the value `best`, up to rounding of the entries; equal where they are integers.
void expect_optimal(LinearAssignment& assignment, const Square& square, Entries kind, double best) {
  const std::vector<int> found = assignment.solve(square.w.data(), square.n, square.stride);
  const std::vector<int> all = identity(square.n);
  RC_ASSERT(std::is_permutation(found.begin(), found.end(), all.begin(), all.end()));
  const double largest = kind == Entries::kNegative ? 1000 : 1;
  const bool exact = kind == Entries::kTies || kind == Entries::kConstant;
  const double rounding = exact ? 0 : 1e-6 * largest * static_cast<double>(square.n);
  RC_ASSERT(std::abs(value(square, found) - best) <= rounding);
}

RC_GTEST_PROP(LinearAssignment, IsTheBestOfAllPermutations, ()) {
  LinearAssignment assignment;
  for (int repetition = 0; repetition < 3; ++repetition) {  // scratch memory is kept between calls
    const Entries kind = *arbitrary_entries();
    const Square square = random_square(kind, *rc::gen::inRange<std::size_t>(1, 8),
                                        *rc::gen::inRange<std::size_t>(0, 3), testing::arbitrary_seed());
    expect_optimal(assignment, square, kind, best_of_all_permutations(square));
  }
}

RC_GTEST_PROP(LinearAssignment, EqualsTheHungarianMethod, ()) {
  LinearAssignment assignment;
  for (int repetition = 0; repetition < 3; ++repetition) {
    const Entries kind = *arbitrary_entries();
    const Square square = random_square(kind, *rc::gen::inRange<std::size_t>(1, 61),
                                        *rc::gen::inRange<std::size_t>(0, 20), testing::arbitrary_seed());
    expect_optimal(assignment, square, kind, best_by_hungarian_method(square));
  }
}

RC_GTEST_PROP(LinearAssignment, LeavesAnOptimalIdentityAlone, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 61);
  Square square = random_square(*arbitrary_entries(), n, 2, testing::arbitrary_seed());
  for (std::size_t i = 0; i < n; ++i) {
    float largest = 0;
    for (std::size_t j = 0; j < n; ++j) largest = std::max(largest, square.at(i, j));
    square.at(i, i) = largest + 1;
  }
  RC_ASSERT(LinearAssignment().solve(square.w.data(), n, square.stride) == identity(n));
}

// Where rows differ by constants, and columns, no row's largest entry need be its own.
RC_GTEST_PROP(LinearAssignment, LeavesAnIdentityAloneThatOnlyDualsShowOptimal, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 61);
  Square square(n);
  Rng rng(testing::arbitrary_seed());
  std::vector<int> worth(n);
  for (int& column : worth) column = rng.below(100);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      square.at(i, j) = static_cast<float>(worth[j] + (i == j ? 1 : -rng.below(3)));
    }
  }
  RC_ASSERT(LinearAssignment().solve(square.w.data(), n, n) == identity(n));
}

TEST(LinearAssignment, LeavesAConstantMatrixAlone) {
  for (const std::size_t n : {1u, 2u, 15u, 16u, 17u, 60u}) {
    const Square square = random_square(Entries::kConstant, n, 0, 1);
    EXPECT_EQ(LinearAssignment().solve(square.w.data(), n, n), identity(n)) << n;
  }
}

TEST(LinearAssignment, FindsACycleThroughAllRows) {
  constexpr std::size_t kRows = 40;
  Square square(kRows);
  std::vector<int> shifted(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    shifted[i] = static_cast<int>((i + 1) % kRows);
    for (std::size_t j = 0; j < kRows; ++j) {
      square.at(i, j) = j == i ? 1.0f : j == static_cast<std::size_t>(shifted[i]) ? 2.0f : 0.0f;
    }
  }
  EXPECT_EQ(LinearAssignment().solve(square.w.data(), kRows, kRows), shifted);
}

}  // namespace
}  // namespace nmperm
