// Ctrl-C: the first SIGINT or SIGTERM asks the search to end, the second ends the program at once.
#pragma once

#include <atomic>

namespace nmperm {

/// Installs the handlers and returns the flag that the first signal sets (hand it to
/// SolveParameters::interrupt). The second signal ends the process with exit code 130.
const std::atomic<bool>& catch_interrupts();

}  // namespace nmperm
