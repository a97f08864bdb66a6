// One run of a comparison in a process of its own: `nmperm solve ... --output -`.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "bench/comparison.h"
#include "core/problem.h"

namespace nmperm {

/// What holds for all runs.
struct Isolation {
  std::string program;                              ///< path of the executable `nmperm`
  std::optional<std::uint64_t> memory_limit_bytes;  ///< of one run; private memory that can be written
  double grace_s = 60;  ///< a run that has not ended so long after twice its time limit is killed
  const std::atomic<bool>* interrupt = nullptr;  ///< ends the run; may be null
};

/// Fills in `run.result`, or `run.failure` where the process crashed, was killed, ended with an error or gave
/// no solution of the problem. `run` says what is to be done; `problem` is what `run.instance` names. Throws
/// InputError only when the program cannot be started.
void run_isolated(ComparisonRun& run, const Problem& problem, const Isolation& isolation);

}  // namespace nmperm
