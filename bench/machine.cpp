#include "bench/machine.h"

#include <fstream>
#include <thread>

#include "core/instruction_set.h"

namespace nmperm {
namespace {

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string compiler_name() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

}  // namespace

Machine this_machine() {
  return {processor_name(), static_cast<int>(std::thread::hardware_concurrency()), instruction_set(),
          compiler_name()};
}

}  // namespace nmperm
