#include "heuristics/dive_time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "core/max_plus_product.h"
#include "core/quantised_scores.h"
#include "heuristics/partition_dive.h"

namespace nmperm {
namespace {

constexpr int kSample = 24;  // columns, spread over all

ScoreMatrix sample_of(const ScoreMatrix& scores) {
  ScoreMatrix sample(scores.rows(), kSample);
  for (int k = 0; k < kSample; ++k) {
    const auto column = static_cast<std::int64_t>(k) * scores.columns() / kSample;
    std::copy_n(scores.column(static_cast<int>(column)), scores.stride(), sample.column(k));
  }
  return sample;
}

/// Seconds that a core takes to rate one column in one slot.
double rating_s(const ScoreMatrix& scores, bool in_bytes) {
  const QuantisedScores bytes(scores);
  std::array<const float*, kSample> columns;
  std::array<const std::uint8_t*, kSample> byte_columns;
  for (int k = 0; k < kSample; ++k) {
    columns[static_cast<std::size_t>(k)] = scores.column(k);
    byte_columns[static_cast<std::size_t>(k)] = bytes.column(k);
  }
  std::array<float, columns.size() * columns.size()> product;
  std::array<std::int32_t, product.size()> byte_product;
  using Clock = std::chrono::steady_clock;
  constexpr int kLeastCalls = 10;
  const auto begin = Clock::now();
  double least = std::numeric_limits<double>::infinity();  // other work on the machine only adds
  auto from = begin;
  // The first calls also choose the instruction set and touch memory that is new.
  for (int n = 0; n < kLeastCalls || from - begin < std::chrono::microseconds(200); ++n) {
    if (in_bytes) {
      max_plus_product_bytes(byte_columns.data(), kSample, byte_columns.data(), kSample, bytes.weights(),
                             bytes.stride(), byte_product.data(), kSample);
    } else {
      max_plus_product(columns.data(), kSample, columns.data(), kSample, scores.stride(), product.data(),
                       kSample);
    }
    const auto to = Clock::now();
    least = std::min(least, std::chrono::duration<double>(to - from).count());
    from = to;
  }
  return least / static_cast<double>(product.size());
}

/// Standard deviation of column sums, divided by their mean: how much columns differ in scale.
double spread_of(const ScoreMatrix& scores) {
  std::vector<double> sums;
  for (int c = 0; c < scores.columns(); ++c) {
    sums.push_back(std::accumulate(scores.column(c), scores.column(c) + scores.rows(), 0.0));
  }
  const double mean = std::accumulate(sums.begin(), sums.end(), 0.0) / static_cast<double>(sums.size());
  double squares = 0;
  for (const double sum : sums) squares += (sum - mean) * (sum - mean);
  return mean > 0 ? std::sqrt(squares / static_cast<double>(sums.size())) / mean : 0;
}

}  // namespace

DiveTime::DiveTime(const Problem& problem, int threads) : problem_(&problem), threads_(threads) {
  // Groups that have to be rated for each column: where columns differ in scale many more are nearly as good.
  constexpr double kLeastRated = 6, kMoreRated = 9, kWideSpread = 0.3;
  const ScoreMatrix sample = sample_of(problem.search_scores());
  const double rated = kLeastRated + kMoreRated * std::min(1.0, spread_of(sample) / kWideSpread);
  rated_slots_ = rated * problem.pattern().group;
  rating_s_ = rating_s(sample, PartitionDive::prefers_bytes(problem));
}

double DiveTime::seconds(double columns) const {
  // Of a rated group, per slot and column: scans, prices. In large dives a smaller share of what is rated is
  // looked at often.
  constexpr double kOverhead_s = 5e-9, kSmallDive = 512;
  constexpr double kEstimated_s = 6e-9;  // likewise, with the estimate
  constexpr double kLookups = 100;       // what is looked up of an estimated row, in ratings
  const double pairs = columns * columns;
  if (!PartitionDive::prefers_pairs(*problem_, static_cast<int>(columns))) {
    return rated_slots_ * pairs * (rating_s_ + kOverhead_s * std::min(1.0, kSmallDive / columns)) / threads_;
  }
  return (rated_slots_ * (pairs * kEstimated_s + columns * kLookups * rating_s_) + 0.5 * pairs * rating_s_) /
         threads_;
}

}  // namespace nmperm
