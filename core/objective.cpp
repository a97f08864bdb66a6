#include "core/objective.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <omp.h>

namespace nmperm {

std::optional<double> Magnitude::efficacy_of(double kept_magnitude) const {
  // Both magnitudes are sums of the same scores in different orders; a difference of a few ulp is no
  // difference.
  const double span = row_bound - default_kept;
  if (span <= 16 * std::numeric_limits<double>::epsilon() * row_bound) return std::nullopt;
  return 100 * (kept_magnitude - default_kept) / span;
}

double Magnitude::gap(double bound_kept) const {
  if (bound_kept <= kept || pruned() <= 0) return 0;
  return (bound_kept - kept) / pruned();
}

double kept_of_group(const ScoreMatrix& scores, const Pattern& pattern, const int* columns) {
  // Rows in blocks, so that compilers use vectors; rows after the last are zeros. Each score of a row is
  // passed down the list of the row's N largest so far.
  constexpr std::size_t kBlock = kRowAlignment;
  using Block = std::array<float, kBlock>;
  std::array<Block, Pattern::kMaxGroup> largest;
  const auto keep = static_cast<std::size_t>(pattern.keep);
  std::array<double, kBlock> sums{};
  for (std::size_t r = 0; r < scores.stride(); r += kBlock) {
    for (std::size_t n = 0; n < keep; ++n) largest[n].fill(0);
    for (int k = 0; k < pattern.group; ++k) {
      Block passed;
      std::copy_n(scores.column(columns[k]) + r, kBlock, passed.begin());
      for (std::size_t n = 0; n < keep; ++n) {
        for (std::size_t i = 0; i < kBlock; ++i) {
          const float larger = std::max(largest[n][i], passed[i]);
          passed[i] = std::min(largest[n][i], passed[i]);
          largest[n][i] = larger;
        }
      }
    }
    for (std::size_t n = 0; n < keep; ++n) {
      for (std::size_t i = 0; i < kBlock; ++i) sums[i] += static_cast<double>(largest[n][i]);
    }
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

double kept_magnitude(const ScoreMatrix& scores, const Pattern& pattern, const Permutation& permutation) {
  double sum = 0;
  for (int i = 0; i < scores.columns(); i += pattern.group) {
    sum += kept_of_group(scores, pattern, permutation.data() + i);
  }
  return sum;
}

namespace {

/// From here on threads save more than they cost.
bool is_large(const ScoreMatrix& scores) {
  constexpr std::size_t kLarge = 1 << 20;
  return scores.stride() * static_cast<std::size_t>(scores.columns()) > kLarge;
}

/// A value that at least `most` of the scores reach, and less than `most` exceed. Nonnegative floats are
/// ordered as their bits are, so that it is found bit by bit.
float threshold_of(std::span<const float> scores, int most) {
  std::int32_t threshold = 0;
  for (int bit = 30; bit >= 0; --bit) {
    const std::int32_t candidate = threshold | (std::int32_t{1} << bit);
    int reached = 0;
    for (const float score : scores) reached += std::bit_cast<std::int32_t>(score) >= candidate ? 1 : 0;
    if (reached >= most) threshold = candidate;
    if (reached == most) break;
  }
  return std::bit_cast<float>(threshold);
}

/// Sum of what the scores exceed `threshold` by, in as many partial sums as vectors hold.
double sum_above(std::span<const float> scores, float threshold) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  const std::size_t whole = scores.size() / kLanes * kLanes;
  for (std::size_t c = 0; c < whole; c += kLanes) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      sums[i] += static_cast<double>(scores[c + i]) - static_cast<double>(threshold);
    }
  }
  double sum = std::accumulate(sums.begin(), sums.end(), 0.0);
  for (const float score : scores.subspan(whole)) {
    sum += static_cast<double>(score) - static_cast<double>(threshold);
  }
  return sum;
}

struct RowSums {
  double total = 0, bound = 0;
};

/// Total and row bound of one row. The sum of the largest is the threshold as often as there are such, and
/// what exceeds it. Overwrites the row.
RowSums sums_of_row(std::span<float> row, int most) {
  const float threshold = threshold_of(row, most);
  RowSums sums;
  sums.total = sum_above(row, 0);
  for (float& score : row) score = std::max(score, threshold);  // apart from the sum: without a branch
  sums.bound = sum_above(row, threshold) + most * static_cast<double>(threshold);
  return sums;
}

}  // namespace

Magnitude reference_magnitude(const ScoreMatrix& scores, const Pattern& pattern) {
  Magnitude magnitude;
  magnitude.default_kept = kept_magnitude(scores, pattern, identity_permutation(scores.columns()));
  magnitude.kept = magnitude.default_kept;
  const int most = scores.columns() / pattern.group * pattern.keep;
  // Rows are gathered in blocks, because a column-major row touches one cache line per score. They do not lie
  // a power of two apart, which would put all of them into the same lines of the cache.
  constexpr std::size_t kBlock = kRowAlignment;
  const auto width = static_cast<std::size_t>(scores.columns()), stride = width + kBlock;
  std::vector<RowSums> sums(scores.stride());
  const auto blocks = static_cast<int>(scores.stride() / kBlock);
  const int threads = is_large(scores) ? std::min(omp_get_max_threads(), blocks) : 1;
  std::vector<float> gathered(stride * kBlock * static_cast<std::size_t>(threads));
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int b = 0; b < blocks; ++b) {
    float* const block = gathered.data() + static_cast<std::size_t>(omp_get_thread_num()) * stride * kBlock;
    const std::size_t r0 = static_cast<std::size_t>(b) * kBlock;
    for (std::size_t c = 0; c < width; ++c) {
      const float* const column = scores.column(static_cast<int>(c)) + r0;
      for (std::size_t r = 0; r < kBlock; ++r) block[r * stride + c] = column[r];
    }
    for (std::size_t r = 0; r < kBlock; ++r) sums[r0 + r] = sums_of_row({block + r * stride, width}, most);
  }
  for (const RowSums& row : sums) {  // in order: the same for any number of threads
    magnitude.total += row.total;
    magnitude.row_bound += row.bound;
  }
  return magnitude;
}

}  // namespace nmperm
