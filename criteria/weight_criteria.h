// Criteria that look at the weight itself, or at its gradient. Weights are R x C of any sign; scores have the
// same shape, computed in double and rounded to float32. O(R C), no further memory.
#pragma once

#include "core/score_matrix.h"
#include "criteria/layer_statistics.h"

namespace nmperm {

/// |w|. Han, Pool, Tran, Dally, "Learning both Weights and Connections for Efficient Neural Networks",
/// NeurIPS 2015, arXiv:1506.02626.
ScoreMatrix magnitude(ScoreMatrix weights);

/// w^2: what is pruned is the squared error of the weight; Optimal Brain Damage with H = 2 I.
ScoreMatrix squared(ScoreMatrix weights);

/// |w g|, the first-order change of the loss: Lee, Ajanthan, Torr, "SNIP: Single-shot Network Pruning based
/// on Connection Sensitivity", ICLR 2019, arXiv:1810.02340. Throws InputError unless there is a gradient of
/// the weight's shape without NaN and infinity.
ScoreMatrix snip(ScoreMatrix weights, const LayerStatistics& statistics);

}  // namespace nmperm
