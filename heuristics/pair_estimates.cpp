#include "heuristics/pair_estimates.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/group_kernels.h"

namespace nmperm {
namespace {

constexpr int kLevels = 256;

/// How strongly a pair interacts at a score that others exceed with probability q: the probability that
/// exactly N - 1 of M - 2 do.
double interaction(const Pattern& pattern, double q) {
  double ways = 1;
  for (int k = 1; k < pattern.keep; ++k) ways *= static_cast<double>(pattern.group - 1 - k) / k;
  return ways * std::pow(q, pattern.keep - 1) * std::pow(1 - q, pattern.group - pattern.keep - 1);
}

/// The transformation of every row, a table of bytes of which the largest that is needed is `largest`.
class Transformation {
 public:
  Transformation(const QuantisedScores& scores, const std::vector<const std::uint8_t*>& columns,
                 const Pattern& pattern, int largest)
      : rows_(scores.stride()), table_(rows_ * kLevels) {
    constexpr std::size_t kMostSampled = 512;
    const std::size_t step = (columns.size() + kMostSampled - 1) / kMostSampled;
    std::vector<std::uint16_t> count(rows_ * kLevels, 0);
    std::size_t sampled = 0;
    for (std::size_t c = 0; c < columns.size(); c += step, ++sampled) {
      for (std::size_t r = 0; r < rows_; ++r) ++count[r * kLevels + columns[c][r]];
    }
    std::vector<float> strength(sampled + 1);
    for (std::size_t k = 0; k <= sampled; ++k) {
      strength[k] =
          static_cast<float>(interaction(pattern, static_cast<double>(k) / static_cast<double>(sampled)));
    }
    // Calls visit(v, T(v)) for every byte v of a row.
    const auto for_levels = [&](std::size_t r, auto visit) {
      std::size_t above = sampled;
      float sum = 0;
      for (std::size_t v = 0; v < kLevels; ++v) {
        visit(r * kLevels + v, sum);
        above -= count[r * kLevels + v];
        sum += strength[above];
      }
    };
    float most = 0;
    for (std::size_t r = 0; r < rows_; ++r) {
      for_levels(r, [&](std::size_t e, float value) {
        if (count[e] > 0) most = std::max(most, value);
      });
    }
    const auto top = static_cast<float>(largest);
    const float scale = most > 0 ? top / most : 1;
    for (std::size_t r = 0; r < rows_; ++r) {
      for_levels(r, [&](std::size_t e, float value) {
        table_[e] = static_cast<std::uint8_t>(std::min(value * scale + 0.5f, top));
      });
    }
    unit_ = scores.unit() / static_cast<double>(scale);
  }

  double unit() const { return unit_; }

  void apply(const std::uint8_t* column, std::uint8_t* transformed) const {
    for (std::size_t r = 0; r < rows_; ++r) transformed[r] = table_[r * kLevels + column[r]];
  }

 private:
  std::size_t rows_;
  std::vector<std::uint8_t> table_;
  double unit_ = 1;
};

ScoreMatrix byte_columns(const QuantisedScores& scores, std::size_t count) {
  return ScoreMatrix(static_cast<int>(scores.stride() / sizeof(float)), static_cast<int>(count));
}

std::uint8_t* bytes_of(ScoreMatrix& memory, std::size_t column) {
  return reinterpret_cast<std::uint8_t*>(memory.column(static_cast<int>(column)));
}

}  // namespace

PairEstimates::PairEstimates(const Search& search, const QuantisedScores& scores,
                             const std::vector<const std::uint8_t*>& columns, const std::vector<int>& groups)
    : pattern_(search.problem().pattern()),
      types_(columns.size()),
      pair_(static_cast<int>(types_), static_cast<int>(types_)),
      single_(types_, 0.0f) {
  form_pairs(search, scores, columns);
  if (!search.should_stop()) calibrate(scores, columns, groups);
}

/// -T(min(x, y)) = max(T(x), T(y)) - T(x) - T(y), of which the maximum is held: T(y) is the same for every
/// partner of y and so part of its single term, T(x) of what stands beside it is the same for all y.
void PairEstimates::form_pairs(const Search& search, const QuantisedScores& scores,
                               const std::vector<const std::uint8_t*>& columns) {
  constexpr std::size_t kTile = 64;  // columns of a tile of the product
  const Transformation transformation(scores, columns, pattern_, largest_byte(search.problem().rows()));
  ScoreMatrix memory = byte_columns(scores, types_);
  std::vector<const std::uint8_t*> transformed(types_);
  const auto tiles = static_cast<std::ptrdiff_t>((types_ + kTile - 1) / kTile);
  const double unit = transformation.unit();
#pragma omp parallel num_threads(search.threads())
  {
#pragma omp for schedule(static)
    for (std::size_t t = 0; t < types_; ++t) {
      transformation.apply(columns[t], bytes_of(memory, t));
      transformed[t] = bytes_of(memory, t);
    }
    std::vector<std::int32_t> product(kTile * types_);
    // Tiles on and above the diagonal, each mirrored: max(T(x), T(y)). Long rows of tiles come first.
#pragma omp for schedule(dynamic)
    for (std::ptrdiff_t tile = 0; tile < tiles; ++tile) {
      if (search.should_stop()) continue;
      const std::size_t begin = static_cast<std::size_t>(tile) * kTile;
      const std::size_t end = std::min(begin + kTile, types_), n = types_ - begin;
      max_plus_product_bytes(transformed.data() + begin, end - begin, transformed.data() + begin, n,
                             scores.weights(), scores.stride(), product.data(), n);
      for (std::size_t i = begin; i < end; ++i) {
        float* const row = pair_.column(static_cast<int>(i)) + begin;
        const std::int32_t* const from = product.data() + (i - begin) * n;
        for (std::size_t j = 0; j < n; ++j) row[j] = static_cast<float>(unit * from[j]);
      }
      for (std::size_t j = end; j < types_; ++j) {
        float* const column = pair_.column(static_cast<int>(j));
        for (std::size_t i = begin; i < end; ++i)
          column[i] = pair_.at(static_cast<int>(j), static_cast<int>(i));
      }
    }
  }
}

/// The mean of what slots say in truth over what their pairs say, but for a constant of each slot.
void PairEstimates::calibrate(const QuantisedScores& scores, const std::vector<const std::uint8_t*>& columns,
                              const std::vector<int>& groups) {
  constexpr std::size_t kSlots = 64;
  const auto m = static_cast<std::size_t>(pattern_.group);
  const std::size_t slots = std::min(kSlots, groups.size() / m);
  ScoreMatrix memory = byte_columns(scores, slots);
  std::vector<const std::uint8_t*> thresholds;
  std::vector<std::size_t> places;
  for (std::size_t s = 0; s < slots; ++s) {
    const std::size_t first = s * (groups.size() / m) / slots * m, place = first + s % m;
    std::array<const std::uint8_t*, Pattern::kMaxGroup> others;
    std::size_t count = 0;
    for (std::size_t k = first; k < first + m; ++k) {
      if (k != place) others[count++] = columns[static_cast<std::size_t>(groups[k])];
    }
    slot_threshold_bytes(others.data(), pattern_, scores.stride(), bytes_of(memory, s));
    thresholds.push_back(bytes_of(memory, s));
    places.push_back(place);
  }
  std::vector<std::int32_t> product(slots * types_);
  max_plus_product_bytes(thresholds.data(), slots, columns.data(), types_, scores.weights(), scores.stride(),
                         product.data(), types_);
  std::vector<float> row(pair_.stride());
  std::vector<double> sum(types_, 0.0);
  for (std::size_t s = 0; s < slots; ++s) {
    const std::size_t first = places[s] / m * m;
    estimate(groups.data() + first, static_cast<int>(places[s] - first), row.data());
    double mean = 0;
    for (std::size_t t = 0; t < types_; ++t) {
      const double off = scores.unit() * product[s * types_ + t] - static_cast<double>(row[t]);
      sum[t] += off;
      mean += off;
    }
    mean /= static_cast<double>(types_);
    for (double& value : sum) value -= mean;
  }
  for (std::size_t t = 0; t < types_; ++t) {
    single_[t] = static_cast<float>(sum[t] / static_cast<double>(slots));
  }
}

void PairEstimates::estimate(const int* types, int slot, float* row) const {
  std::copy(single_.begin(), single_.end(), row);
  for (int k = 0; k < pattern_.group; ++k) {
    if (k == slot) continue;
    const float* const pair = pair_.column(types[k]);
    for (std::size_t t = 0; t < types_; ++t) row[t] += pair[t];
  }
}

}  // namespace nmperm
