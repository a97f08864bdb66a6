// A subcommand of `nmperm`: what it reads from the command line and what it does then.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace nmperm {

/// Exit codes that are not errors' own (those carry theirs, see core/error.h).
enum ExitCode : int {
  kExitDone = 0,
  kExitInternalError = 1,
  kExitInputError = 2,
  kExitCheckFailed = 4,
  kExitInterrupted = 130
};

struct Command {
  CLI::App* parser = nullptr;
  /// Called once the command line has been read; returns the exit code. Throws Error.
  std::function<int()> run;
};

/// Each adds its subcommand to `app`, with help and examples.
Command add_solve_command(CLI::App& app);
Command add_check_command(CLI::App& app);
Command add_info_command(CLI::App& app);
Command add_solvers_command(CLI::App& app);
Command add_generate_command(CLI::App& app);
Command add_compare_command(CLI::App& app);
Command add_compress_command(CLI::App& app);
Command add_export_command(CLI::App& app);
Command add_apply_command(CLI::App& app);
Command add_report_command(CLI::App& app);
Command add_verify_command(CLI::App& app);
Command add_library_command(CLI::App& app);

}  // namespace nmperm
