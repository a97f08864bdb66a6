// Criteria that weigh a weight by how active its input channel is. Weights are R x C of any sign; scores have
// the same shape, computed in double and rounded to float32. O(R C) and O(R + C) doubles.
#pragma once

#include "core/score_matrix.h"
#include "criteria/layer_statistics.h"

namespace nmperm {

/// |w| n_c with the norm n_c of the input channel: Sun, Liu, Bair, Kolter, "A Simple and Effective Pruning
/// Approach for Large Language Models" (Wanda), ICLR 2024, arXiv:2306.11695.
/// Throws InputError unless there is a norm for each input channel, finite and not negative.
ScoreMatrix wanda(ScoreMatrix weights, const LayerStatistics& statistics);

/// Exponent of the norms that the paper of RIA settles on.
inline constexpr double kRiaExponent = 0.5;

/// (|w| / (sum of |w| over its row) + |w| / (sum over its column)) n_c^exponent: Zhang et al.,
/// "Plug-and-Play: An Efficient Post-training Pruning Method for Large Language Models", ICLR 2024,
/// arXiv:2402.10013. Column sums are those of an input channel: in a grouped convolution over the rows of its
/// group. Zero weights score 0. Throws InputError as wanda().
ScoreMatrix ria(ScoreMatrix weights, const LayerStatistics& statistics, double exponent = kRiaExponent);

}  // namespace nmperm
