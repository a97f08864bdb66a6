// A problem: scores, pattern, segments.
#pragma once

#include <optional>

#include "core/objective.h"
#include "core/pattern.h"
#include "core/score_matrix.h"
#include "core/segments.h"

namespace nmperm {

/// What a solver is given. Immutable, shared by threads without locks.
class Problem {
 public:
  /// One segment where `segments` is empty. Checks all scores and computes the reference magnitudes: O(R C).
  /// Throws InputError when a score is negative, NaN or infinite (position named), when the columns are not
  /// divisible by M, or when the segments do not fit.
  explicit Problem(ScoreMatrix scores, Pattern pattern = {}, std::optional<Segments> segments = {});

  const ScoreMatrix& scores() const { return scores_; }
  const Pattern& pattern() const { return pattern_; }
  const Segments& segments() const { return segments_; }
  int rows() const { return scores_.rows(); }
  int columns() const { return scores_.columns(); }
  int groups() const { return columns() / pattern_.group; }

  /// total, default, row bound; kept = default.
  const Magnitude& magnitude() const { return magnitude_; }
  /// The magnitudes with `kept` of the given permutation, from the oracle. O(R C).
  Magnitude evaluate(const Permutation& permutation) const;

  /// Scores for float32 kernels: the scores themselves, or, where their sums would leave the range of
  /// float32, a copy scaled by a power of two. Multiply magnitudes of search scores by search_scale().
  const ScoreMatrix& search_scores() const { return scaled_ ? *scaled_ : scores_; }
  double search_scale() const { return search_scale_; }

 private:
  ScoreMatrix scores_;
  Pattern pattern_;
  Segments segments_;
  Magnitude magnitude_;
  std::optional<ScoreMatrix> scaled_;
  double search_scale_ = 1;
};

}  // namespace nmperm
