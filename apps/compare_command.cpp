// `nmperm compare`: solvers side by side, quality against time.
#include <atomic>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/signals.h"
#include "bench/comparison.h"
#include "bench/comparison_table.h"
#include "bench/isolated_run.h"
#include "bench/report.h"
#include "bench/results_file.h"
#include "core/error.h"
#include "io/atomic_file.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Runs solvers side by side and shows quality against time";

constexpr const char* kFooter =
    R"(Runs follow one another, each in a process of its own with all the threads asked for: a
run that crashes or goes beyond --memory-limit costs its own cell, which says why. The
table shows the mean efficacy over seeds after 0.01 s, 0.1 s, 1 s ... and at the end.

--output adds every run with its trace, its permutation and a description of the machine
to a results file, as soon as it ends. Ctrl-C ends the comparison; runs that were complete
are kept, and the same command with --resume does the rest.

Where a run keeps more than a bound that another one, or the instance library, states as
proven, one of the two is false: the exit code is 4 once all runs are done.

A solver may have options: stripe-groups:bounded-regressions=0:stripe-group-size=8.

Examples:
  nmperm compare random:128x64:1 --solvers stripe-groups,annealing,auto --time-limit 1
  nmperm compare a.npy b.npy --solvers auto --time-limit 1,10 --seeds 5 --output results.json
  nmperm compare weights.npy --report report.html
  nmperm compare *.npy --solvers setpart,auto --memory-limit 2000 --output r.json --resume)";

struct CompareOptions {
  std::vector<std::string> instances;
  std::vector<std::string> solvers = {"stripe-groups", "auto"};
  std::string pattern;
  std::vector<int> segments;
  std::vector<double> time_limits_s;
  std::optional<std::int64_t> iteration_limit;
  int seeds = 1;
  int threads = 0;
  std::optional<std::int64_t> memory_limit_mib;
  std::string output, report;
  bool resume = false;
  bool quiet = false;
};

Comparison comparison_of(const CompareOptions& options) {
  Comparison comparison;
  comparison.instances = options.instances;
  for (const std::string& solver : options.solvers) comparison.presets.push_back(parse_preset(solver));
  if (!options.pattern.empty()) comparison.pattern = Pattern::parse(options.pattern);
  comparison.segments = options.segments;
  if (!options.time_limits_s.empty() || options.iteration_limit)
    comparison.time_limits_s = options.time_limits_s;
  comparison.iteration_limit = options.iteration_limit;
  comparison.seeds = options.seeds;
  comparison.threads = options.threads;
  return comparison;
}

/// "random:128x64:1 auto seed 0: kept 2926.9524 in 1.003 s"
std::string line_of(const ComparisonRun& run) {
  const std::string cell = fmt::format("{} {} seed {}: ", run.instance, run.preset.label(), run.result.seed);
  if (!run.refusal.empty()) return cell + "refused: " + run.refusal;
  if (!run.failure.empty()) return cell + "failed: " + run.failure;
  return cell + fmt::format("kept {:.4f} in {:.3f} s", run.result.magnitude.kept, run.result.seconds);
}

/// Throws InputError where what is to be written could not be: runs take long.
void check_outputs(const CompareOptions& options) {
  if (options.resume && options.output.empty())
    throw InputError("--resume", {}, "no results file to go on with", "--output FILE.json beside it");
  if (options.report.empty()) return;
  if (same_file(options.report, options.output))
    throw InputError("--report", {}, options.report + " is the results file too", "another file");
  require_charts();
  require_writable(options.report);
}

int run(const CompareOptions& options) {
  check_outputs(options);
  ReportOptions report;
  report.known = KnownValues::of_project();  // before the runs, which take long: a broken library ends here
  const std::atomic<bool>& interrupted = catch_interrupts();
  Comparison comparison = comparison_of(options);
  comparison.interrupt = &interrupted;
  Isolation isolation;
  isolation.program = "/proc/self/exe";
  isolation.interrupt = &interrupted;
  if (options.memory_limit_mib)
    isolation.memory_limit_bytes = static_cast<std::uint64_t>(*options.memory_limit_mib) * 1024 * 1024;

  std::optional<ResultsFile> file;
  if (!options.output.empty()) file.emplace(options.output);
  std::vector<ComparisonRun> runs;
  ComparisonObserver observer;
  if (options.resume) observer.skip = [&](const ComparisonRun& planned) { return file->has(planned); };
  observer.done = [&](const ComparisonRun& run) {
    if (file) file->add(run);
    if (!options.quiet) fmt::print(stderr, "{}\n", line_of(run));
    runs.push_back(run);
  };
  const Runner runner = [&](ComparisonRun& run, const Problem& problem) {
    run_isolated(run, problem, isolation);
  };
  run_comparison(comparison, runner, observer);
  fmt::print("{}", comparison_table(runs));
  const std::vector<ComparisonRun>& reported = file ? file->runs() : runs;
  require_no_contradiction(reported, report.known, file ? options.output : "these runs");
  if (!options.report.empty() && !reported.empty()) write_file(options.report, report_page(reported, report));
  return interrupted.load() ? kExitInterrupted : kExitDone;
}

void add_run_options(CLI::App& command, CompareOptions& options) {
  command
      .add_option("--solvers", options.solvers,
                  "solvers, each with options of its own where it has\nsome, separated by commas "
                  "(stripe-groups,auto)")
      ->type_name("A,B:KEY=VALUE")
      ->delimiter(',');
  command
      .add_option("--pattern", options.pattern,
                  "N:M: keep N of each M columns in a row (2:4; of\nlibrary:NAME its own)")
      ->type_name("N:M");
  command
      .add_option("--segments", options.segments,
                  "lengths of the blocks of columns that columns must\nnot leave (one block)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("L1,L2,...")
      ->check(whole_number(1, std::numeric_limits<int>::max()));
  command
      .add_option("--time-limit", options.time_limits_s,
                  "wall clock of each run; several, separated by\ncommas, are run one by one (10)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("S1,S2,...")
      ->check(number_from(0));
  const auto iteration_limit = [&options](const std::int64_t& limit) { options.iteration_limit = limit; };
  command
      .add_option_function<std::int64_t>(
          "--iteration-limit", iteration_limit,
          "end a run after N iterations; `nmperm solvers NAME`\nsays what they are")
      ->type_name("N")
      ->check(whole_number(0));
  command.add_option("--seeds", options.seeds, "runs of each solver, with seeds 0 .. K-1 (1)")
      ->type_name("K")
      ->check(whole_number(1, 1000000));
  command.add_option("--threads", options.threads, "threads; 0 stands for all processors (0)")
      ->type_name("N")
      ->check(whole_number(0, 4096));
  const auto memory_limit = [&options](const std::int64_t& limit) { options.memory_limit_mib = limit; };
  command
      .add_option_function<std::int64_t>("--memory-limit", memory_limit,
                                         "memory that one run may take (all there is)")
      ->type_name("MIB")
      ->check(whole_number(1, std::int64_t{1} << 40));
}

}  // namespace

Command add_compare_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("compare", kDescription);
  const auto options = std::make_shared<CompareOptions>();
  command->add_option("INSTANCE", options->instances, "weights or generated instances, as for `nmperm solve`")
      ->required();
  add_run_options(*command, *options);
  command->add_option("--output", options->output, "results file to add the runs to")
      ->type_name("FILE.json")
      ->check(file_name());
  command
      ->add_option("--report", options->report,
                   "a page of all that the results file holds, or of\nthese runs (see nmperm report)")
      ->type_name("FILE.html")
      ->check(file_name());
  command->add_flag("--resume", options->resume,
                    "leave out what the results file has; a cell that\nfailed is run again");
  command->add_flag("--quiet", options->quiet, "no line on standard error for each run");
  command->footer(kFooter);
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
