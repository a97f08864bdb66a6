// `nmperm solve`: searches for a permutation that keeps much magnitude.
#include <cstdio>
#include <memory>
#include <new>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/certificate_files.h"
#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/progress.h"
#include "apps/scoring_options.h"
#include "apps/search_options.h"
#include "apps/signals.h"
#include "apps/summary.h"
#include "core/error.h"
#include "core/solver.h"
#include "instances/certificate_json.h"
#include "instances/load.h"
#include "instances/solution.h"
#include "instances/spec.h"
#include "io/atomic_file.h"
#include "solvers/default_solvers.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Searches for a permutation of the columns that keeps much magnitude";

constexpr const char* kFooter =
    R"(Progress goes to standard error. The first Ctrl-C ends the search and writes the best
solution so far (exit code 130), the second ends the program at once.

A run is repeatable with --iteration-limit and --seed, whatever --threads says; without a
--time-limit beside it no clock ends it.

A configuration file has lines NAME = VALUE, with the long names of the options above; the
command line has the last word:
  solver = "stripe-groups"
  option = ["stripe-group-size=12", "bounded-regressions=0"]
  time-limit = 60
  quiet = true

Examples:
  nmperm solve random:128x64:1
  nmperm solve weights.npz:conv1 --time-limit 60 --output solution.json --trace trace.csv
  nmperm solve weights.npy --solver annealing --iteration-limit 100 --seed 3 --output -
  nmperm solve weights.npy --start solution.json --output better.json
  nmperm solve concat.npy --pattern 1:4 --segments 64,128)";

struct SolveOptions {
  InstanceOptions instance;
  ScoringOptions scoring;
  SearchOptions search;
  std::string start, output, certificate, trace, config;
  bool quiet = false;

  bool writes_to_stdout() const { return output == "-"; }
};

/// Throws InputError where the output files cannot be written, or would replace what is read.
void check_outputs(const SolveOptions& options) {
  const std::string instance_path = parse_instance_spec(options.instance.instance).path;
  if (options.trace == "-") throw InputError("--trace", {}, "'-'", "a file name");
  if (options.certificate == "-") throw InputError("--certificate", {}, "'-'", "a file name");
  const std::string certificate = certificate_path(options.certificate, options.output);
  for (const std::string* path : {&options.output, &certificate, &options.trace}) {
    if (path->empty() || *path == "-") continue;
    if (same_file(*path, instance_path)) {
      throw InputError(*path, {}, "the instance itself would be overwritten", "another file name");
    }
    require_writable(*path);
  }
  if (same_file(options.output, options.trace)) {
    throw InputError(options.trace, {}, "is both --output and --trace", "two files");
  }
  if (same_file(certificate, options.output) || same_file(certificate, options.trace)) {
    throw InputError(certificate, {}, "is the certificate and another output too", "two files");
  }
}

Result search(const Solver& solver, const Problem& problem, SolveParameters parameters, bool quiet) {
  std::optional<Progress> progress;
  if (!quiet) {
    progress.emplace(problem.magnitude(), parameters.limits.time_s);
    parameters.observer = [&progress](const TracePoint& point) { progress->observe(point); };
  }
  try {
    return solver.solve(problem, parameters);
  } catch (const std::bad_alloc&) {
    const double scores_bytes = 4.0 * static_cast<double>(problem.scores().stride()) * problem.columns();
    throw InputError("solver " + solver.info().name, {}, "not enough memory",
                     "room for the search beside the scores, which take " + bytes_text(scores_bytes));
  }
}

/// Writes the proof of the bound, if the result has one; returns its path.
std::string write_proof(const SolveOptions& options, const Problem& problem, const Result& result) {
  std::string path = certificate_path(options.certificate, options.output);
  if (path.empty() || !result.bound || !result.bound->certificate) return {};
  write_certificate(path, make_certificate_file(problem, result.bound->kept, *result.bound->certificate));
  return path;
}

/// Writes all files, a solution after the certificate that it names; returns the names of both.
std::string write(const SolveOptions& options, const Problem& problem, const std::string& name,
                  const Criterion& criterion, const Result& result) {
  const std::string certificate = write_proof(options, problem, result);
  if (!options.output.empty()) {
    Solution solution = make_solution(name, problem, result);
    solution.criterion = criterion.info().name;
    solution.criterion_options = criterion.option_values();
    solution.certificate_file = certificate_name(certificate, options.output);
    if (options.writes_to_stdout()) {
      fmt::print("{}", to_json(solution));
    } else {
      write_solution(options.output, solution);
    }
  } else {
    fmt::print("{}", summary(name, problem, result));
  }
  if (!options.trace.empty()) write_file(options.trace, trace_csv(result));
  std::string written = options.writes_to_stdout() ? "" : options.output;
  if (!certificate.empty()) written += (written.empty() ? "" : " and ") + certificate;
  return written;
}

int run(const SolveOptions& options) {
  const std::atomic<bool>& interrupted = catch_interrupts();
  const Pattern pattern = options.instance.parsed_pattern();
  auto segments = options.instance.segments();
  const Solver& solver = find_solver(options.search.solver);
  SolveParameters parameters = options.search.parameters(solver);
  parameters.interrupt = &interrupted;
  check_outputs(options);

  const Scoring scoring = options.scoring.scoring();
  Instance instance = load_scored_instance(options.instance.instance, scoring);
  const Problem problem(std::move(instance.scores), pattern, std::move(segments));
  if (!options.start.empty()) parameters.start = read_start(options.start, problem);

  const Result result = search(solver, problem, std::move(parameters), options.quiet);
  const std::string written = write(options, problem, instance.name, scoring.criterion(), result);
  if (!options.quiet && !options.output.empty()) {
    fmt::print(stderr, "{}{}\n", one_line_summary(result), written.empty() ? "" : "; written to " + written);
  }
  return result.status == Status::kInterrupted ? kExitInterrupted : kExitDone;
}

void add_search_options(CLI::App& command, SolveOptions& options) {
  command.add_option("--solver", options.search.solver, "how to search; `nmperm solvers` lists them (auto)")
      ->type_name("NAME");
  command
      .add_option("--option", options.search.solver_options,
                  "an option of the solver; may be repeated;\n`nmperm solvers NAME` lists them")
      ->allow_extra_args(false)
      ->option_text("KEY=VALUE");
  command.add_option("--start", options.start, "begin with this solution; the result is never worse")
      ->type_name("FILE")
      ->check(file_name());
  command.add_option("--threads", options.search.threads, "threads; 0 stands for all processors (0)")
      ->type_name("N")
      ->check(whole_number(0, 4096));
  command.add_option("--seed", options.search.seed, "seed of all random choices (0)")
      ->type_name("K")
      ->check(unsigned_number());
}

void add_limit_options(CLI::App& command, SolveOptions& options) {
  const auto time_limit = [&options](const double& seconds) { options.search.time_limit_s = seconds; };
  command
      .add_option_function<double>(
          "--time-limit", time_limit,
          "wall clock of the search (10; none where only\n--iteration-limit is given)")
      ->type_name("SECONDS")
      ->check(number_from(0));
  const auto iteration_limit = [&options](const std::int64_t& limit) {
    options.search.iteration_limit = limit;
  };
  command
      .add_option_function<std::int64_t>("--iteration-limit", iteration_limit,
                                         "end after N iterations; `nmperm solvers NAME`\nsays what they are")
      ->type_name("N")
      ->check(whole_number(0));
  command
      .add_option("--gap-limit", options.search.gap_limit,
                  "end when the gap to a valid bound is at most G (0)")
      ->type_name("G")
      ->check(number_from(0));
}

void add_output_options(CLI::App& command, SolveOptions& options) {
  command
      .add_option("--output", options.output,
                  "the solution file; - is standard output; without it\na summary is printed")
      ->type_name("FILE")
      ->check(file_name());
  command
      .add_option(
          "--certificate", options.certificate,
          "the proof of the bound, where the solver has one\n(beside the solution: s.certificate.json)")
      ->type_name("FILE")
      ->check(file_name());
  command.add_option("--trace", options.trace, "every improvement of the search as a table")
      ->type_name("FILE.csv")
      ->check(file_name());
  command.add_flag("--quiet", options.quiet, "no progress on standard error");
  command.add_option("--config", options.config, "options from a file (see below)")
      ->type_name("FILE")
      ->check(file_name())
      ->configurable(false);
}

}  // namespace

Command add_solve_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("solve", kDescription);
  const auto options = std::make_shared<SolveOptions>();
  add_instance_argument(*command, options->instance.instance);
  add_pattern_options(*command, options->instance);
  add_scoring_options(*command, options->scoring);
  add_search_options(*command, *options);
  add_limit_options(*command, *options);
  add_output_options(*command, *options);
  command->footer(kFooter);
  return {command, [command, options] {
            if (!options->config.empty()) apply_config_file(*command, options->config);
            return run(*options);
          }};
}

}  // namespace nmperm
