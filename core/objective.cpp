#include "core/objective.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

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
  double sum = 0;
  std::array<float, Pattern::kMaxGroup> row;
  const auto row_end = row.begin() + pattern.group, kept_end = row.begin() + pattern.keep;
  for (int r = 0; r < scores.rows(); ++r) {
    for (int k = 0; k < pattern.group; ++k) row[static_cast<std::size_t>(k)] = scores.at(r, columns[k]);
    std::nth_element(row.begin(), kept_end - 1, row_end, std::greater<>());
    for (auto score = row.begin(); score != kept_end; ++score) sum += static_cast<double>(*score);
  }
  return sum;
}

double kept_magnitude(const ScoreMatrix& scores, const Pattern& pattern, const Permutation& permutation) {
  double sum = 0;
  for (int i = 0; i < scores.columns(); i += pattern.group) {
    sum += kept_of_group(scores, pattern, permutation.data() + i);
  }
  return sum;
}

Magnitude reference_magnitude(const ScoreMatrix& scores, const Pattern& pattern) {
  Magnitude magnitude;
  magnitude.default_kept = kept_magnitude(scores, pattern, identity_permutation(scores.columns()));
  magnitude.kept = magnitude.default_kept;
  const int columns = scores.columns();
  const auto most = columns / pattern.group * pattern.keep;
  // Rows are gathered in blocks, because a column-major row touches one cache line per score.
  constexpr int kBlock = kRowAlignment;
  std::vector<float> block(static_cast<std::size_t>(columns) * kBlock);
  for (int r0 = 0; r0 < scores.rows(); r0 += kBlock) {
    const int height = std::min(kBlock, scores.rows() - r0);
    for (int c = 0; c < columns; ++c) {
      for (int r = 0; r < height; ++r) {
        block[static_cast<std::size_t>(r) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(c)] =
            scores.at(r0 + r, c);
      }
    }
    for (int r = 0; r < height; ++r) {
      float* const row = block.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(columns);
      std::nth_element(row, row + most - 1, row + columns, std::greater<>());
      double largest = 0, rest = 0;
      for (int c = 0; c < most; ++c) largest += static_cast<double>(row[c]);
      for (int c = most; c < columns; ++c) rest += static_cast<double>(row[c]);
      magnitude.row_bound += largest;
      magnitude.total += largest + rest;
    }
  }
  return magnitude;
}

}  // namespace nmperm
