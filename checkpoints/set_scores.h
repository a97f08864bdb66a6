// Scores of a checkpoint's weights, one weight at a time, and the problems of its sets.
#pragma once

#include <cstdint>

#include "checkpoints/checkpoint_plan.h"
#include "core/problem.h"
#include "criteria/scoring.h"

namespace nmperm {

/// The matrix of a linear weight, columns = input channels, with its signs. Memory 4 bytes an element.
/// Throws InputError where an element is not finite.
ScoreMatrix weight_of(const CheckpointFiles& files, const CheckpointPlan& plan, int placed);

/// Its scores in the order of the checkpoint. Throws as weight_of() and Scoring::score().
ScoreMatrix scores_of(const CheckpointFiles& files, const CheckpointPlan& plan, int placed,
                      const Scoring& scoring);

/// The problem of a set: the score rows of all its consumers, stacked.
struct SetProblem {
  Problem problem;
  std::int64_t rows = 0;  ///< of all consumers
  /// Fewer rows than these are in the problem: evenly spaced ones.
  bool sampled() const { return problem.rows() < rows; }
};

/// Takes at most `most_bytes` for the scores (one row at least) and, while it reads, one weight in float32.
/// Rows beyond that are left out evenly. Throws as scores_of().
SetProblem set_problem(const CheckpointFiles& files, const CheckpointPlan& plan, const CheckpointSet& set,
                       const Scoring& scoring, std::int64_t most_bytes);

/// Magnitudes of a set over all rows of its consumers, one weight at a time. Throws as scores_of().
Magnitude set_magnitude(const CheckpointFiles& files, const CheckpointPlan& plan, const CheckpointSet& set,
                        const Scoring& scoring, const Permutation& permutation);

}  // namespace nmperm
