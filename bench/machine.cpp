#include "bench/machine.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

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

std::string system_name() {
  utsname name{};
  if (uname(&name) != 0) return {};
  const std::string release = name.release;  // 6.1.0-27-amd64: the part behind the number says nothing here
  return std::string(name.sysname) + " " + release.substr(0, release.find_first_not_of("0123456789.")) + " " +
         name.machine;
}

std::uint64_t memory_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGE_SIZE);
  if (pages < 0 || page_bytes < 0) return 0;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

std::optional<double> load_average() {
  double minute = 0;
  if (getloadavg(&minute, 1) != 1) return std::nullopt;
  return minute;
}

}  // namespace

Machine this_machine() {
  return {processor_name(),  std::max(1, static_cast<int>(std::thread::hardware_concurrency())),
          instruction_set(), compiler_name(),
          system_name(),     memory_bytes(),
          load_average()};
}

}  // namespace nmperm
