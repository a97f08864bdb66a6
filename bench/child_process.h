// Runs a program in a process of its own: what it does to itself (a crash, too much memory) stays there.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nmperm {

struct ChildCommand {
  std::vector<std::string> words;                   ///< path of the program, then its arguments
  std::optional<std::uint64_t> memory_limit_bytes;  ///< RLIMIT_DATA: memory that it may write to
  std::optional<double> time_limit_s;               ///< is killed after this, whatever it does
  std::size_t most_output_bytes = 64'000'000;       ///< is killed when it writes more to standard output
  const std::atomic<bool>* interrupt = nullptr;     ///< becomes a SIGTERM to the child; may be null
};

/// How a child ended.
struct ChildResult {
  int exit_code = -1;        ///< -1 where a signal ended it
  int signal = 0;            ///< 0 where it ended by itself
  bool out_of_time = false;  ///< this process killed it: time_limit_s
  bool too_much_output = false;
  std::string output;
  std::string error;  ///< the last 64 KiB of standard error
};

/// Starts the child, without standard input, and waits for its end. The child gets no signals of its own
/// when this process ends early: it is killed then. Throws InputError when the program cannot be started.
ChildResult run_child(const ChildCommand& command);

}  // namespace nmperm
