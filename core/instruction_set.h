// The vector instruction set that kernels run on.
#pragma once

#include <string>

namespace nmperm {

/// Highway's name of the target that run-time dispatch picks on this machine: "AVX3" is AVX-512.
std::string instruction_set();

}  // namespace nmperm
