// On what a figure was measured.
#pragma once

#include <string>

namespace nmperm {

/// Processor, its number here, the vector instruction set that kernels run on, and the compiler.
struct Machine {
  std::string processor;
  int processors = 0;
  std::string instruction_set;
  std::string compiler;
};

Machine this_machine();

}  // namespace nmperm
