// The plain product with a compressed weight: the oracle of the fast one, and the path for patterns that have
// no fast one.
#pragma once

#include "sparse/compressed_matrix.h"

namespace nmperm {

/// y = a * b: a is R x C compressed, b is C x n row-major, y is R x n row-major; sums in double, rounded
/// once. The matrix is as validate() wants it. O(R C N/M n).
void reference_product(const CompressedMatrix& a, const float* b, int n, float* y);

}  // namespace nmperm
