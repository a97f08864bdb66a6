#include "bench/isolated_run.h"

#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/child_process.h"
#include "core/error.h"
#include "instances/solution.h"
#include "io/byte_source.h"

namespace nmperm {
namespace {

std::vector<std::string> solve_command(const ComparisonRun& run, const std::string& program) {
  std::vector<std::string> words = {program,
                                    "solve",
                                    run.instance,
                                    "--pattern",
                                    run.pattern.str(),
                                    "--solver",
                                    run.preset.solver,
                                    "--segments",
                                    fmt::format("{}", fmt::join(run.segments, ",")),
                                    "--seed",
                                    std::to_string(run.result.seed),
                                    "--threads",
                                    std::to_string(run.result.threads),
                                    "--quiet",
                                    "--output",
                                    "-"};
  for (const auto& [name, value] : run.preset.options)
    words.insert(words.end(), {"--option", name + "=" + value});
  if (run.time_limit_s) words.insert(words.end(), {"--time-limit", fmt::format("{}", *run.time_limit_s)});
  if (run.iteration_limit)
    words.insert(words.end(), {"--iteration-limit", std::to_string(*run.iteration_limit)});
  return words;
}

/// The last line of standard error, without the program's name.
std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  text = text.substr(text.rfind('\n') + 1);
  constexpr std::string_view kName = "nmperm: ";
  return text.starts_with(kName) ? text.substr(kName.size()) : text;
}

/// Why there is no solution; empty where there may be one.
std::string failure_of(const ChildResult& child) {
  if (child.out_of_time) return "killed: it went on long after its time limit";
  if (child.too_much_output) return "killed: its solution has no end";
  if (child.signal != 0)
    return fmt::format("ended by signal {} ({})", child.signal, sigdescr_np(child.signal));
  if (child.exit_code == 0) return {};
  const std::string said = last_line(child.error);
  return fmt::format("exit code {}{}{}", child.exit_code, said.empty() ? "" : ": ", said);
}

}  // namespace

void run_isolated(ComparisonRun& run, const Problem& problem, const Isolation& isolation) {
  ChildCommand command;
  command.words = solve_command(run, isolation.program);
  command.memory_limit_bytes = isolation.memory_limit_bytes;
  if (run.time_limit_s) command.time_limit_s = 2 * *run.time_limit_s + isolation.grace_s;
  command.interrupt = isolation.interrupt;
  const ChildResult child = run_child(command);
  run.failure = failure_of(child);
  if (run.failure.empty()) {
    const std::string subject = "its solution";
    try {
      Solution solution = parse_solution(*open_memory(subject, std::as_bytes(std::span(child.output))));
      require_same_instance(solution, problem, subject);
      run.result = std::move(solution.result);
    } catch (const InputError& error) {
      run.failure = error.what();
    }
  }
  if (!run.failure.empty() && isolation.memory_limit_bytes) {
    run.failure += fmt::format(" (memory limit {:g} MiB)",
                               static_cast<double>(*isolation.memory_limit_bytes) / (1024 * 1024));
  }
}

}  // namespace nmperm
