#include "core/quantised_scores.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace nmperm {
namespace {

constexpr int kMaxWeight = 63;

// The least whole number of steps that is not below the score.
double byte_above(float score, double step) {
  const double exact = static_cast<double>(score);
  double steps = std::ceil(exact / step);
  if (steps * step < exact) ++steps;
  return steps;
}

}  // namespace

int largest_byte(int rows) {
  return std::clamp(std::numeric_limits<std::int32_t>::max() / kMaxWeight / rows, 1, 255);
}

void QuantisedScores::Free::operator()(std::uint8_t* bytes) const {
  std::free(bytes);
}

QuantisedScores::QuantisedScores(const ScoreMatrix& scores, Rounding rounding) {
  constexpr std::size_t kAlignment = kByteRowAlignment;
  stride_ = (static_cast<std::size_t>(scores.rows()) + kAlignment - 1) / kAlignment * kAlignment;
  const std::size_t size_bytes = stride_ * static_cast<std::size_t>(scores.columns());
  bytes_.reset(static_cast<std::uint8_t*>(std::aligned_alloc(kAlignment, size_bytes)));
  if (!bytes_) throw std::bad_alloc();
  std::vector<float> largest(static_cast<std::size_t>(scores.rows()), 0.0f);
  for (int c = 0; c < scores.columns(); ++c) {
    const float* const column = scores.column(c);
    for (std::size_t r = 0; r < largest.size(); ++r) largest[r] = std::max(largest[r], column[r]);
  }
  const double most = largest_byte(scores.rows());
  const double top = static_cast<double>(*std::max_element(largest.begin(), largest.end()));
  unit_ = top > 0 ? top / (kMaxWeight * most) : 1;
  weights_.assign(stride_, 0);
  // Rounding up must leave every score at or below the largest byte; otherwise rounding of float64 must not
  // cost a row a whole step of its weight.
  const double slack = rounding == Rounding::kUp ? 1e-6 : -1e-6;
  if (rounding == Rounding::kUp) unit_ *= 1 + 1e-5;  // for the largest weight
  std::vector<float> inverse_step(largest.size());
  for (std::size_t r = 0; r < largest.size(); ++r) {
    const double weight = std::clamp(std::ceil(static_cast<double>(largest[r]) / (unit_ * most) + slack), 1.0,
                                     double{kMaxWeight});
    weights_[r] = static_cast<std::int8_t>(weight);
    inverse_step[r] = static_cast<float>(1 / (weight * unit_));
  }
  for (int c = 0; c < scores.columns(); ++c) {
    const float* const column = scores.column(c);
    std::uint8_t* const bytes = bytes_.get() + static_cast<std::size_t>(c) * stride_;
    for (std::size_t r = 0; r < inverse_step.size(); ++r) {
      bytes[r] = static_cast<std::uint8_t>(
          rounding == Rounding::kUp ? byte_above(column[r], weights_[r] * unit_)
                                    : std::min(column[r] * inverse_step[r] + 0.5f, static_cast<float>(most)));
    }
    std::memset(bytes + inverse_step.size(), 0, stride_ - inverse_step.size());
  }
}

}  // namespace nmperm
