// What single instructions compute, for one lane.
#pragma once

#include <array>
#include <cstdint>

#include "tests/support/emulated_cuda/ptx.h"

namespace nmperm::emulated_cuda {

/// The result of a form that reads only operands (no memory, no other lane). Values of 32 bits are
/// zero-extended.
std::uint64_t computed(const Form& form, const std::array<std::uint64_t, 3>& operands);

}  // namespace nmperm::emulated_cuda
