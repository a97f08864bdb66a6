// The program that multiplies on sparse tensor cores, as PTX text that the driver compiles.
#pragma once

#include <string>

#include "sparse/value_type.h"

namespace nmperm {

/// A module with one entry, `product`, for f16, bf16 or i8. A block is one warp and computes kWarpRows x
/// kWarpColumns sums, row block %ctaid.x and column block %ctaid.y; its parameters are the addresses of
///
/// - TensorCoreWeight::values and ::metadata, TensorCoreActivations::values,
/// - the sums, f32 (i8: s32), row-major, for all rows and columns of the blocks,
///
/// 64 bits each, then the number of steps and the bytes of a row of sums, 32 bits each. PTX 7.1, compute
/// capability 8.0.
std::string tensor_core_program(ValueType type);

}  // namespace nmperm
