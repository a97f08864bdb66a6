// `nmperm compare`: solvers side by side, quality against time.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/signals.h"
#include "bench/comparison.h"
#include "bench/results_file.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Runs solvers side by side and shows quality against time";

constexpr const char* kFooter =
    R"(Runs follow one another, each with all the threads asked for. The table shows the mean
efficacy over seeds after 0.01 s, 0.1 s, 1 s ... and at the end. --output adds every run
with its trace, and a description of the machine, to a results file. Ctrl-C ends the
comparison; runs that were complete are kept.

Examples:
  nmperm compare random:128x64:1 --solvers stripe-groups,annealing,auto --time-limit 1
  nmperm compare a.npy b.npy --solvers auto --time-limit 10 --seeds 5 --output results.json)";

struct CompareOptions {
  std::vector<std::string> instances;
  std::vector<std::string> solvers = {"stripe-groups", "auto"};
  std::string pattern = "2:4";
  double time_limit_s = 10;
  int seeds = 1;
  int threads = 0;
  std::string output;
  bool quiet = false;
};

int run(const CompareOptions& options) {
  const std::atomic<bool>& interrupted = catch_interrupts();
  Comparison comparison;
  comparison.instances = options.instances;
  comparison.solvers = options.solvers;
  comparison.pattern = Pattern::parse(options.pattern);
  comparison.time_limit_s = options.time_limit_s;
  comparison.seeds = options.seeds;
  comparison.threads = options.threads;
  comparison.interrupt = &interrupted;
  if (!options.output.empty()) require_results_file(options.output);
  const auto runs = run_comparison(comparison, [&](const ComparisonRun& run) {
    // One by one, so that nothing is lost where a later instance cannot be read.
    if (!options.output.empty()) add_to_results_file(options.output, {run});
    if (options.quiet) return;
    fmt::print(stderr, "{} {} seed {}: {}\n", run.instance, run.solver, run.result.seed,
               run.refusal.empty()
                   ? fmt::format("kept {:.4f} in {:.3f} s", run.result.magnitude.kept, run.result.seconds)
                   : run.refusal);
  });
  fmt::print("{}", comparison_table(runs));
  return interrupted.load() ? kExitInterrupted : kExitDone;
}

}  // namespace

Command add_compare_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("compare", kDescription);
  const auto options = std::make_shared<CompareOptions>();
  command->add_option("INSTANCE", options->instances, "weights or generated instances, as for `nmperm solve`")
      ->required();
  command->add_option("--solvers", options->solvers, "solvers, separated by commas (stripe-groups,auto)")
      ->type_name("A,B")
      ->delimiter(',');
  command->add_option("--pattern", options->pattern, "N:M: keep N of each M columns in a row (2:4)")
      ->type_name("N:M");
  command->add_option("--time-limit", options->time_limit_s, "wall clock of each run (10)")
      ->type_name("SECONDS")
      ->check(number_from(0));
  command->add_option("--seeds", options->seeds, "runs of each solver, with seeds 0 .. K-1 (1)")
      ->type_name("K")
      ->check(whole_number(1, 1000000));
  command->add_option("--threads", options->threads, "threads; 0 stands for all processors (0)")
      ->type_name("N")
      ->check(whole_number(0, 4096));
  command->add_option("--output", options->output, "results file to add the runs to")
      ->type_name("FILE.json")
      ->check(file_name());
  command->add_flag("--quiet", options->quiet, "no line on standard error for each run");
  command->footer(kFooter);
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
