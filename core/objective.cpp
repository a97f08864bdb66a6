#include "core/objective.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include <omp.h>

#include "core/reference_kernels.h"

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

namespace {

/// How many scores of a row any permutation may keep at most.
int most_of_row(const ScoreMatrix& scores, const Pattern& pattern) {
  return scores.columns() / pattern.group * pattern.keep;
}

/// Sum of the `most` largest scores, given those that reach the last of them: some may be equal to it.
double sum_of_largest(double reached, int reached_count, float threshold, int most) {
  return reached - (reached_count - most) * static_cast<double>(threshold);
}

/// As many as save more than they cost: OpenMP's from a million scores on.
int threads_for(const ScoreMatrix& scores, int parts) {
  constexpr std::size_t kLarge = 1 << 20;
  const bool large = scores.stride() * static_cast<std::size_t>(scores.columns()) > kLarge;
  return large ? std::min(omp_get_max_threads(), parts) : 1;
}

}  // namespace

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

Magnitude oracle_magnitude(const ScoreMatrix& scores, const Pattern& pattern,
                           const Permutation& permutation) {
  const auto kept_in = [&](const Permutation& order) {
    double sum = 0;
    for (int i = 0; i < scores.columns(); i += pattern.group) {
      sum += kept_of_group(scores, pattern, order.data() + i);
    }
    return sum;
  };
  Magnitude magnitude;
  magnitude.default_kept = kept_in(identity_permutation(scores.columns()));
  magnitude.kept = kept_in(permutation);
  const auto most = most_of_row(scores, pattern);
  std::vector<float> row(static_cast<std::size_t>(scores.columns()));
  for (int r = 0; r < scores.rows(); ++r) {
    for (std::size_t c = 0; c < row.size(); ++c) row[c] = scores.at(r, static_cast<int>(c));
    std::vector<float> ordered = row;
    std::nth_element(ordered.begin(), ordered.begin() + most - 1, ordered.end(), std::greater<>());
    const float threshold = ordered[static_cast<std::size_t>(most) - 1];
    double total = 0, reached = 0;
    int reached_count = 0;
    for (const float score : row) {
      total += static_cast<double>(score);
      if (score < threshold) continue;
      reached += static_cast<double>(score);
      ++reached_count;
    }
    magnitude.total += total;
    magnitude.row_bound += sum_of_largest(reached, reached_count, threshold, most);
  }
  return magnitude;
}

double kept_magnitude(const ScoreMatrix& scores, const Pattern& pattern, const Permutation& permutation) {
  const int groups = scores.columns() / pattern.group;
  std::vector<double> kept(static_cast<std::size_t>(groups));
#pragma omp parallel for schedule(static) num_threads(threads_for(scores, groups))
  for (int g = 0; g < groups; ++g) {
    std::array<const float*, Pattern::kMaxGroup> columns{};
    for (int k = 0; k < pattern.group; ++k) {
      columns[static_cast<std::size_t>(k)] =
          scores.column(permutation[static_cast<std::size_t>(g * pattern.group + k)]);
    }
    kept[static_cast<std::size_t>(g)] = exact_kept_of_columns(columns.data(), pattern, scores.stride());
  }
  return std::accumulate(kept.begin(), kept.end(), 0.0);  // in order: the same for any number of threads
}

ReferenceFigures reference_figures(const ScoreMatrix& scores, const Pattern& pattern) {
  // A block of rows, copied together: in place its columns may lie a power of two apart, which would put all
  // of them into the same few lines of the cache.
  constexpr std::size_t kBlock = kRowAlignment;
  const auto columns = static_cast<std::size_t>(scores.columns());
  const auto blocks = static_cast<int>(scores.stride() / kBlock);
  const int most = most_of_row(scores, pattern);
  const int threads = threads_for(scores, blocks);
  std::vector<ScoreMatrix> copies;
  for (int t = 0; t < threads; ++t) copies.emplace_back(kRowAlignment, scores.columns());
  std::vector<RowFigures> rows(static_cast<std::size_t>(blocks));
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int b = 0; b < blocks; ++b) {
    ScoreMatrix& together = copies[static_cast<std::size_t>(omp_get_thread_num())];
    for (int c = 0; c < scores.columns(); ++c) {
      std::copy_n(scores.column(c) + static_cast<std::size_t>(b) * kBlock, kBlock, together.column(c));
    }
    rows[static_cast<std::size_t>(b)] = row_figures(together.column(0), columns, most);
  }
  ReferenceFigures figures;
  Magnitude& magnitude = figures.magnitude;
  for (const RowFigures& block : rows) {
    figures.lowest = std::min(figures.lowest, block.lowest);
    figures.highest = std::max(figures.highest, block.highest);
    for (std::size_t r = 0; r < kBlock; ++r) {
      magnitude.total += block.total[r];
      magnitude.row_bound +=
          sum_of_largest(block.reached[r], block.reached_count[r], block.threshold[r], most);
    }
  }
  magnitude.default_kept = kept_magnitude(scores, pattern, identity_permutation(scores.columns()));
  magnitude.kept = magnitude.default_kept;
  return figures;
}

Magnitude reference_magnitude(const ScoreMatrix& scores, const Pattern& pattern) {
  return reference_figures(scores, pattern).magnitude;
}

}  // namespace nmperm
