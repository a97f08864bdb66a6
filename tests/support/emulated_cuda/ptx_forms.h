// The instructions that the emulated driver knows.
#pragma once

#include <string>

#include "tests/support/emulated_cuda/ptx.h"

namespace nmperm::emulated_cuda {

/// The form of an opcode as it is spelt in PTX, with all its suffixes; null where the emulation does not know
/// it.
const Form* form_of(const std::string& opcode);

}  // namespace nmperm::emulated_cuda
