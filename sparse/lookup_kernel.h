// Vector kernels of the 2:4 product with few columns. Highway compiles them for every instruction set and
// picks one at run time.
#pragma once

#include "sparse/lookup_plan.h"

namespace nmperm {

/// Most columns of B.
inline constexpr int kLookupMaxColumns = 8;

/// float32 lanes that a plan has to be made for on the instruction set in use; 0 where tables of so few lanes
/// do not pay.
int lookup_kernel_lanes();

/// Rows [first_unit * kLookupRows, end_unit * kLookupRows) of y = A * B, y row-major R x n. `columns` holds
/// the n columns of B one after another, each filled up with zeros to padded_columns() and 64-byte aligned;
/// 1 <= n <= kLookupMaxColumns.
void multiply_by_lookup(const LookupPlan& plan, const float* columns, int n, int first_unit, int end_unit,
                        float* y);

}  // namespace nmperm
