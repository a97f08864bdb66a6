// The body of one kernel.
#pragma once

#include "tests/support/emulated_cuda/ptx.h"
#include "tests/support/emulated_cuda/token_reader.h"

namespace nmperm::emulated_cuda {

/// Reads `{ ... }` for an architecture (80 for sm_80) into a kernel whose parameters are known.
void parse_kernel(TokenReader& tokens, int architecture, Kernel& kernel);

}  // namespace nmperm::emulated_cuda
