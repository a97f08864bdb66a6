// What a product of matrices does to channels: MatMul, Gemm, and Einsum where it is one.
#pragma once

#include "network/operation.h"

namespace nmperm {

/// One factor: which axis is summed over and which stays; all axes before its last two are batch axes.
struct Factor {
  const TensorView* view;  ///< two or more axes
  int port;                ///< of the operation
  int summed, kept;
};

/// Follows a product over batch axes that broadcast: ties the channels that are summed over, and makes `out`
/// of the batch axes, the axis that `a` keeps and the axis that `b` keeps. Places of batch axes that channels
/// span (heads) may trade as wholes: they are hubs. False where the shapes do not fit;
/// then nothing was tied. O(labels of the factors, times the batch axes that labels span).
bool follow_product(Operation& operation, const Factor& a, const Factor& b, TensorView& out);

}  // namespace nmperm
