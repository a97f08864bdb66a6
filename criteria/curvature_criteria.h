// Criteria from the second derivatives of a layer's squared output error, H = 2/n sum x x^T. Weights are R x
// C of any sign; scores have the same shape, computed in double and rounded to float32.
#pragma once

#include "core/score_matrix.h"
#include "criteria/layer_statistics.h"

namespace nmperm {

/// w^2 H_cc / 2: the error that a pruned weight makes while all others stay. LeCun, Denker, Solla, "Optimal
/// Brain Damage", NIPS 1989. Needs the diagonal of H, or all of it. O(R C).
/// Throws InputError unless there is a Hessian of the layer's input channels with a finite, nonnegative
/// diagonal.
ScoreMatrix optimal_brain_damage(ScoreMatrix weights, const LayerStatistics& statistics);

/// Share of the mean diagonal element that is added to the diagonal, as SparseGPT does.
inline constexpr double kObsDamping = 0.01;

/// w^2 / (2 [(H + d I)^-1]_cc), d = damping * mean of the diagonal: the error that a pruned weight makes when
/// all others of its row adapt. Hassibi, Stork, "Second order derivatives for network pruning: Optimal Brain
/// Surgeon", NIPS 1992; row by row as in Frantar, Alistarh, "SparseGPT", arXiv:2301.00774. A diagonal H is
/// inverted element by element. Time O(R C + G C^3) by Cholesky's factorisation (Eigen), memory 8 C^2 bytes
/// twice. Throws InputError as optimal_brain_damage(), where H is not symmetric, and where H + d I is not
/// positive definite.
ScoreMatrix optimal_brain_surgeon(ScoreMatrix weights, const LayerStatistics& statistics,
                                  double damping = kObsDamping);

}  // namespace nmperm
