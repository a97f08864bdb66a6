// The 2:4 product with many columns: B is packed into panels that stay in the first-level cache.
#pragma once

#include "sparse/pair_plan.h"
#include "sparse/product_workspace.h"

namespace nmperm {

/// y = A * b with A planned: b is C x n, y is R x n, row-major. The result is the same for any number of
/// threads. O(R C n).
void multiply_by_panels(const PairPlan& plan, const float* b, int n, float* y, ProductWorkspace& workspace,
                        int threads);

}  // namespace nmperm
