// The objective: the one scalar oracle, in double. Every kernel, solver and file is held against it, and
// every figure that is reported is its sum: the functions that report equal it bit for bit.
#pragma once

#include <optional>

#include "core/pattern.h"
#include "core/permutation.h"
#include "core/score_matrix.h"

namespace nmperm {

/// Magnitudes of an instance under an N:M pattern (sums of scores, in double).
struct Magnitude {
  double total = 0;         ///< sum of all scores
  double default_kept = 0;  ///< kept magnitude of the identity permutation
  double row_bound = 0;     ///< sum over rows of the largest C*N/M scores: no permutation keeps more
  double kept = 0;          ///< kept magnitude of the permutation in question

  double pruned() const { return total - kept; }
  /// 100 * (kept - default) / (row bound - default) (Pool & Yu, "Channel Permutations for N:M Sparsity",
  /// NeurIPS 2021); null where default = row bound.
  std::optional<double> efficacy() const { return efficacy_of(kept); }
  std::optional<double> efficacy_of(double kept_magnitude) const;
  /// (bound - kept) / (total - kept): the share of the pruned magnitude that might still be saved;
  /// 0 where the bound does not exceed kept.
  double gap(double bound_kept) const;
};

/// Sum over rows of the N largest scores among the given M columns. O(R M N).
double kept_of_group(const ScoreMatrix& scores, const Pattern& pattern, const int* columns);

/// The oracle: all four magnitudes in plain code, without vector kernels, in one thread. The functions below
/// give the same figures, bit for bit, in a fraction of the time. O(R C N).
Magnitude oracle_magnitude(const ScoreMatrix& scores, const Pattern& pattern, const Permutation& permutation);

/// Kept magnitude of a permutation, whose length is C, a multiple of M. O(R C N), from a million scores on in
/// OpenMP's threads; the sum is the same for any number of them.
double kept_magnitude(const ScoreMatrix& scores, const Pattern& pattern, const Permutation& permutation);

/// What one pass over all scores tells.
struct ReferenceFigures {
  Magnitude magnitude;  ///< kept is that of the identity permutation
  float lowest = 0, highest = 0;
};

/// total, default and row bound of nonnegative scores. Others do no harm: where a score is NaN or infinite
/// the total is not finite, where one is negative the lowest is. O(R C N), threads as above.
ReferenceFigures reference_figures(const ScoreMatrix& scores, const Pattern& pattern);

/// Their magnitudes alone.
Magnitude reference_magnitude(const ScoreMatrix& scores, const Pattern& pattern);

}  // namespace nmperm
