// The command `nmperm`: hands the command line to a subcommand, and turns errors into one line and an exit
// code.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <sstream>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "core/error.h"

namespace nmperm {
namespace {

constexpr const char* kDescription =
    "nmperm: permutes the channels of neural networks so that N:M structured sparsity costs little.";

constexpr const char* kFooter = R"(Examples:
  nmperm info random:128x64:1
  nmperm solve weights.npy --time-limit 5 --output solution.json
  nmperm check weights.npy solution.json
  nmperm solvers stripe-groups
Help on one of them: nmperm SUBCOMMAND --help

Exit codes: 0 done, 1 internal error, 2 usage or input error (one line on standard
error), 4 a check failed, 130 interrupted (the best solution so far has been written).)";

/// A file that is opened while a standard stream is closed would take its number, and get what is printed.
void occupy_standard_streams() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) != -1) continue;
    if (open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY) < 0) return;
  }
}

int fail(const char* what, int exit_code) {
  std::fflush(stdout);
  fmt::print(stderr, "nmperm: {}\n", what);
  return exit_code;
}

/// A full disk or a closed pipe shows only when the buffer is written out.
void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw InputError("standard output", {}, std::string("cannot write: ") + std::strerror(errno));
}

int run(int argc, char** argv) {
  CLI::App app(kDescription, "nmperm");
  app.set_version_flag("--version", "nmperm " NMPERM_VERSION);
  app.footer(kFooter);
  app.require_subcommand(0, 1);
  const std::vector<Command> commands = {
      add_solve_command(app),   add_check_command(app),    add_info_command(app),
      add_solvers_command(app), add_generate_command(app), add_compare_command(app),
      add_export_command(app),  add_compress_command(app), add_apply_command(app),
      add_verify_command(app),  add_library_command(app),  add_report_command(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    std::ostringstream text;
    app.exit(help_or_version, text);
    fmt::print("{}", text.str());
    flush_output();
    return kExitDone;
  } catch (const CLI::ParseError& error) {
    throw usage_error(app, error);
  }
  for (const Command& command : commands) {
    if (!command.parser->parsed()) continue;
    const int exit_code = command.run();
    flush_output();
    return exit_code;
  }
  throw InputError({}, {}, "no subcommand given",
                   "solve, check, info, solvers, generate, compare, export, compress, apply, verify, "
                   "library or report; see nmperm --help");
}

int run_and_report(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    return fail(error.what(), error.exit_code());
  } catch (const std::bad_alloc&) {
    return fail("not enough memory", kExitInputError);
  } catch (const std::exception& error) {
    return fail(InternalError(error.what()).what(), kExitInternalError);
  }
}

}  // namespace
}  // namespace nmperm

int main(int argc, char** argv) {
  nmperm::occupy_standard_streams();
  return nmperm::run_and_report(argc, argv);
}
