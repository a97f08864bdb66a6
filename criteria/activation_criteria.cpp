#include "criteria/activation_criteria.h"

#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

double size_of_weight(const ScoreMatrix& weights, int r, int c) {
  return std::fabs(static_cast<double>(weights.at(r, c)));
}

/// Checks the norms; returns the number of groups.
int checked_groups(const ScoreMatrix& weights, const LayerStatistics& statistics) {
  for (std::size_t i = 0; i < statistics.norms.size(); ++i) {
    const double norm = statistics.norms[i];
    if (std::isfinite(norm) && norm >= 0) continue;
    throw InputError(statistics.subject, fmt::format("element {}", i), fmt::format("the norm is {}", norm),
                     "a finite number, not negative");
  }
  return channel_groups(statistics.norms.size(), weights.rows(), weights.columns(), statistics.subject);
}

/// Calls visit(first row, end row, column, channel) for every column of every group.
template <typename Visit>
void for_each_channel(const ScoreMatrix& weights, int groups, Visit visit) {
  const int height = weights.rows() / groups;
  for (int c = 0; c < weights.columns(); ++c) {
    for (int g = 0; g < groups; ++g) {
      visit(g * height, (g + 1) * height, c, static_cast<std::size_t>(g * weights.columns() + c));
    }
  }
}

}  // namespace

ScoreMatrix wanda(ScoreMatrix weights, const LayerStatistics& statistics) {
  const int groups = checked_groups(weights, statistics);
  for_each_channel(weights, groups, [&](int begin, int end, int c, std::size_t channel) {
    for (int r = begin; r < end; ++r) {
      weights.at(r, c) = static_cast<float>(size_of_weight(weights, r, c) * statistics.norms[channel]);
    }
  });
  return weights;
}

ScoreMatrix ria(ScoreMatrix weights, const LayerStatistics& statistics, double exponent) {
  const int groups = checked_groups(weights, statistics);
  std::vector<double> row_sums(static_cast<std::size_t>(weights.rows()));
  for (int c = 0; c < weights.columns(); ++c) {
    for (int r = 0; r < weights.rows(); ++r) {
      row_sums[static_cast<std::size_t>(r)] += size_of_weight(weights, r, c);
    }
  }
  for_each_channel(weights, groups, [&](int begin, int end, int c, std::size_t channel) {
    double column_sum = 0;
    for (int r = begin; r < end; ++r) column_sum += size_of_weight(weights, r, c);
    const double activity = std::pow(statistics.norms[channel], exponent);
    for (int r = begin; r < end; ++r) {
      const double size = size_of_weight(weights, r, c);
      if (size == 0) {
        weights.at(r, c) = 0;
        continue;
      }
      const double importance = size / row_sums[static_cast<std::size_t>(r)] + size / column_sum;
      weights.at(r, c) = static_cast<float>(importance * activity);
    }
  });
  return weights;
}

}  // namespace nmperm
