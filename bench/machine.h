// On what a figure was measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace nmperm {

/// Processor, its number here, the vector instruction set that kernels run on, the compiler, and how busy the
/// machine is.
struct Machine {
  std::string processor;
  int processors = 0;
  std::string instruction_set;
  std::string compiler;
  std::string system;              ///< "Linux 6.1.0 x86_64"; empty where unknown
  std::uint64_t memory_bytes = 0;  ///< of the machine; 0 where unknown
  /// Processes that run or wait to, mean of the last minute; null where unknown. Above `processors`, wall
  /// clock times are longer than those of an idle machine.
  std::optional<double> load_average;
};

Machine this_machine();

}  // namespace nmperm
