#include "core/problem.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/error.h"

namespace nmperm {
namespace {

/// Throws at the first score that is not finite and nonnegative.
[[noreturn]] void refuse_scores(const ScoreMatrix& scores) {
  for (int c = 0; c < scores.columns(); ++c) {
    const float* const column = scores.column(c);
    for (int r = 0; r < scores.rows(); ++r) {
      if (column[r] >= 0 && column[r] <= std::numeric_limits<float>::max()) continue;
      throw InputError("scores", "row " + std::to_string(r) + ", column " + std::to_string(c),
                       "score is " + std::to_string(column[r]), "finite nonnegative scores");
    }
  }
  throw InternalError("the sums of the scores say that one is negative or not finite, but none is");
}

ScoreMatrix scaled_copy(const ScoreMatrix& scores, int exponent) {
  ScoreMatrix copy = scores.clone();
  for (int c = 0; c < copy.columns(); ++c) {
    for (int r = 0; r < copy.rows(); ++r) copy.at(r, c) = std::ldexp(copy.at(r, c), exponent);
  }
  return copy;
}

}  // namespace

Problem::Problem(ScoreMatrix scores, Pattern pattern, std::optional<Segments> segments)
    : scores_(std::move(scores)),
      pattern_(pattern),
      segments_(segments ? std::move(*segments) : Segments(scores_.columns())) {
  pattern_.validate();
  segments_.validate(scores_.columns(), pattern_);
  const ReferenceFigures figures = reference_figures(scores_, pattern_);
  if (!std::isfinite(figures.magnitude.total) || figures.lowest < 0) refuse_scores(scores_);
  magnitude_ = figures.magnitude;
  const float largest = figures.highest;
  // Sums over 2^31 rows stay below 2^127 and differences above 2^-126 with scores around 1; only weights far
  // outside anything trained need the copy.
  constexpr float kLargest = 0x1p80f, kSmallest = 0x1p-60f;
  if (largest > kLargest || (largest > 0 && largest < kSmallest)) {
    const int exponent = -std::ilogb(largest);
    scaled_ = scaled_copy(scores_, exponent);
    search_scale_ = std::ldexp(1.0, -exponent);
  }
}

Magnitude Problem::evaluate(const Permutation& permutation) const {
  Magnitude magnitude = magnitude_;
  magnitude.kept = kept_magnitude(scores_, pattern_, permutation);
  return magnitude;
}

}  // namespace nmperm
