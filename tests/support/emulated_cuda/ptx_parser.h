// A parser of the part of PTX that nmperm's kernels are written in.
#pragma once

#include <string_view>

#include "tests/support/emulated_cuda/ptx.h"

namespace nmperm::emulated_cuda {

/// Reads a module for a device of `capability` (10 major + minor). Known are
/// - `.version` up to 7.1, `.target sm_N`, `.address_size 64`, `.visible .entry NAME(.param .TYPE NAME, ...)
///   { ... }`;
/// - in a kernel `.reg .TYPE NAME<count>, NAME;`, labels, guards `@p` and `@!p`, the instructions of
///   ptx_forms.h;
/// - operands: registers, integers (decimal or 0x...), 0f... floats, in `mov` the registers %tid.x %ctaid.x
///   %ctaid.y %ntid.x %nctaid.x %laneid, in loads and stores [register], [register+bytes], [parameter].
///
/// Registers must fit their operands as PTX demands (PTX ISA, "Operand Type Checking"): the same size, and
/// the same kind unless one is a .b type or both are integers; f16 multiplicands of mma.sp are .b32 alone.
/// Throws Fault: kInvalidImage where the text is no PTX at all, kUnsupportedPtxVersion for a newer version,
/// else kInvalidPtx with the line and what is wrong there.
PtxModule parse_ptx(std::string_view text, int capability);

}  // namespace nmperm::emulated_cuda
