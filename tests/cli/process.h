// Runs a program as a user would: arguments in, standard output, standard error and exit code out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace nmperm::test {

struct Output {
  int exit_code = -1;  ///< 128 + signal where a signal ended it
  std::string out, err;
};

/// A running program whose standard output and standard error are read through pipes.
class Process {
 public:
  enum class ErrorStream { kPipe, kTerminal };
  enum class InputStream { kNull, kClosed };

  explicit Process(const std::vector<std::string>& command, ErrorStream error = ErrorStream::kPipe,
                   InputStream input = InputStream::kNull);
  /// Kills the program if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number);
  /// Reads standard error until `found` holds for all that has been read, or the stream ends.
  bool wait_for_error_text(const std::function<bool(const std::string&)>& found);
  /// Waits until something can be read from standard output, and leaves it there.
  void wait_for_unread_output();
  /// Reads both streams to their end and waits for the program.
  Output finish();
  /// Waits for the program before it reads what the pipes hold.
  Output finish_without_reading();

 private:
  void drain();
  void wait();

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  Output output_;
};

/// Runs the program under test to its end.
Output run_nmperm(const std::vector<std::string>& arguments);
/// The command line of the program under test.
std::vector<std::string> nmperm_command(const std::vector<std::string>& arguments);

}  // namespace nmperm::test
