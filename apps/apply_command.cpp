// `nmperm apply`: permutes, and with --prune prunes, a whole network.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/apply_options.h"
#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/engine_search.h"
#include "apps/signals.h"
#include "core/error.h"
#include "io/atomic_file.h"
#include "network/permuted_network.h"
#include "solvers/default_solvers.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Permutes the channels of a whole network, and prunes it with --prune";

constexpr const char* kFooter =
    R"(The network computes the same function as before: nothing is added to it, and channels move
only where everything that produces and uses them can follow. Two proofs are made: every
tensor is compared bit for bit under the permutations that were applied, and both networks
are run on random inputs in ONNX Runtime where it is installed. With --prune each pruned
weight is also compressed and multiplied. Exit code 4 when a proof fails; nothing is written.

A folder with config.json and .safetensors files is a checkpoint of a language model (LLaMA,
Mistral, Qwen2, GPT-2, OPT, BERT: docs/checkpoints.md). It is written as a folder of the same
layout; a run that is stopped goes on from FOLDER.nmperm-state.json when it is repeated.
What was done is recorded in the ONNX file's metadata, or in the folder's nmperm.json: verify
and --undo read it.

Weights of Conv, ConvTranspose, Gemm and MatMul are chosen by their sizes (--rule) and names
(--include, --exclude: regular expressions, searched for in tensor and node names).

Examples:
  nmperm apply model.onnx --output permuted.onnx --report report.json
  nmperm apply model.onnx --output pruned.onnx --prune --time-limit 60 --exclude 'head|stem'
  nmperm apply llama/ --output llama-2of4/ --prune --criterion wanda --statistics stats.safetensors
  nmperm apply pruned.onnx --undo --output original_order.onnx
  nmperm apply llama-2of4/ --undo --output llama-original-order/)";

constexpr int kDefaultInputs = 3;

void check_outputs(const ApplyOptions& options) {
  for (const std::string* path : {&options.output, &options.report}) {
    if (path->empty()) continue;
    if (same_file(*path, options.model)) {
      throw InputError(*path, {}, "the model itself would be overwritten", "another file name");
    }
    require_writable(*path);
  }
  if (same_file(options.output, options.report)) {
    throw InputError(options.report, {}, "is both --output and --report", "two files");
  }
}

NetworkSearch search_of(const ApplyOptions& options, const Solver& solver) {
  NetworkSearch search;
  search.parameters = options.search.parameters(solver);
  if (!options.quiet) {
    search.progress = [](std::size_t done, std::size_t sets, const PermutableSet& set,
                         const SetResult& found) { print_set_progress(done, sets, set.name, found.result); };
  }
  return search;
}

/// Runs both networks where an engine is installed, and says so where not.
void compare_outputs(const ApplyOptions& options, PermutedNetwork& network) {
  if (options.inputs == 0) return;
  const auto engine = find_engine();
  if (!engine) {
    if (!options.quiet) {
      fmt::print(stderr, "The outputs were not compared: there is no ONNX Runtime; {}.\n",
                 InferenceEngine::advice());
    }
    return;
  }
  NumericalOptions numerical;
  numerical.inputs = options.inputs.value_or(kDefaultInputs);
  numerical.seed = options.search.seed;
  try {
    network.compare_outputs(*engine, options.model, numerical);
  } catch (const UnsupportedError& error) {
    if (!options.quiet) fmt::print(stderr, "The outputs were not compared: {}.\n", error.what());
  }
}

void print_summary(const NetworkReport& report, const PruningRule& rule, const std::string& output,
                   std::optional<int> inputs) {
  const Coverage coverage = report.plan->coverage();
  const auto efficacy = report.magnitude.efficacy();
  fmt::print("{:<14}{}\n", "rule", rule.describe());
  fmt::print("{:<14}{} of {} prunable elements\n", "free to move", coverage.free_elements,
             coverage.prunable_elements);
  fmt::print("{:<14}{} searched, {} weights left as they are\n", "sets", report.plan->sets.size(),
             std::count_if(report.plan->weights.begin(), report.plan->weights.end(),
                           [](const PlannedWeight& weight) { return !weight.reason.empty(); }));
  const auto dealt = std::count_if(report.groups->begin(), report.groups->end(),
                                   [](const GroupResult& group) { return group.searched; });
  if (dealt > 0) fmt::print("{:<14}{} sets dealt to groups of columns\n", "whole groups", dealt);
  fmt::print("{:<14}{:.3f} of {:.3f} (without a permutation {:.3f}), efficacy {}\n", "kept",
             report.magnitude.kept, report.magnitude.total, report.magnitude.default_kept,
             efficacy ? fmt::format("{:.3f} %", *efficacy) : "-");
  fmt::print("{:<14}every tensor equal bit for bit under its permutations\n", "structure");
  if (report.outputs) {
    fmt::print("{:<14}{}\n", "outputs", describe(*report.outputs));
  } else {
    fmt::print("{:<14}not compared: {}\n", "outputs",
               inputs == 0 ? "--inputs 0" : "no ONNX Runtime that runs this model was found");
  }
  if (!report.products.empty()) {
    fmt::print("{:<14}{} pruned weights multiplied in compressed form\n", "products", report.products.size());
  }
  fmt::print("{:<14}{}\n", "written", output);
}

int undo_model(const ApplyOptions& options) {
  OnnxModel model = OnnxModel::read(options.model);
  undo(model);
  model.write(options.output);
  if (!options.quiet) fmt::print("{:<14}{}\n", "written", options.output);
  return kExitDone;
}

int run(const ApplyOptions& options) {
  if (options.undo && (options.prune || !options.report.empty())) {
    throw InputError(options.prune ? "--prune" : "--report", {}, "is given with --undo", "one of the two");
  }
  if (std::filesystem::is_directory(options.model)) return apply_checkpoint(options);
  if (options.memory_limit_mib) {
    throw InputError("--memory-limit", {}, "'" + options.model + "' is no folder",
                     "a folder with a checkpoint");
  }
  const std::atomic<bool>& interrupted = catch_interrupts();
  const Pattern pattern = Pattern::parse(options.pattern);
  const PruningRule rule(options.rule, options.include, options.exclude);
  const Solver& solver = find_solver(options.search.solver);
  NetworkSearch search = search_of(options, solver);
  search.parameters.interrupt = &interrupted;
  check_outputs(options);
  if (options.undo) return undo_model(options);
  search.scoring = options.scoring.scoring();

  PermutedNetwork network(OnnxModel::read(options.model), options.output, pattern, rule, solver, search);
  compare_outputs(options, network);
  if (options.prune) network.prune();
  network.model().write(options.output);
  const NetworkReport report = network.report(std::filesystem::path(options.model).filename().string());
  if (!options.report.empty()) write_file(options.report, to_json(report));
  if (!options.quiet) print_summary(report, rule, options.output, options.inputs);
  return interrupted ? kExitInterrupted : kExitDone;
}

void add_search_options(CLI::App& command, ApplyOptions& options) {
  command
      .add_option("--pattern", options.pattern,
                  "N:M, of each M consecutive columns N are kept in a row (2:4)")
      ->type_name("N:M");
  command.add_option("--solver", options.search.solver, "how to search; `nmperm solvers` lists them (auto)")
      ->type_name("NAME");
  command.add_option("--option", options.search.solver_options, "an option of the solver; may be repeated")
      ->allow_extra_args(false)
      ->option_text("KEY=VALUE");
  command
      .add_option_function<double>(
          "--time-limit", [&options](const double& seconds) { options.search.time_limit_s = seconds; },
          "wall clock of the search over all sets (10; none where\nonly --iteration-limit is given)")
      ->type_name("SECONDS")
      ->check(number_from(0));
  command
      .add_option_function<std::int64_t>(
          "--iteration-limit",
          [&options](const std::int64_t& limit) { options.search.iteration_limit = limit; },
          "end the search of each set after N iterations")
      ->type_name("N")
      ->check(whole_number(0));
  command.add_option("--gap-limit", options.search.gap_limit, "end a set's search at this gap (0)")
      ->type_name("G")
      ->check(number_from(0));
  command
      .add_option("--threads", options.search.threads,
                  "sets that are searched at once; 0: all processors (0)")
      ->type_name("N")
      ->check(whole_number(0, 4096));
  command.add_option("--seed", options.search.seed, "seed of all random choices (0)")
      ->type_name("K")
      ->check(unsigned_number());
}

void add_weight_options(CLI::App& command, ApplyOptions& options) {
  command.add_flag("--prune", options.prune, "write zeros where the pattern prunes");
  command.add_option("--rule", options.rule, "what channels must be divisible by (outputs=8,inputs=16)")
      ->type_name("RULE");
  command.add_option("--include", options.include, "only weights whose name matches")->type_name("REGEX");
  command.add_option("--exclude", options.exclude, "no weights whose name matches")->type_name("REGEX");
}

}  // namespace

void print_set_progress(std::size_t done, std::size_t sets, const std::string& name, const Result& result) {
  const auto efficacy = result.magnitude.efficacy();
  fmt::print(stderr, "{:>5}/{} {:>9.2f} s {:>14.3f} kept {:>8} efficacy  {}\n", done, sets, result.seconds,
             result.magnitude.kept, efficacy ? fmt::format("{:.2f}", *efficacy) : "-", name);
}

Command add_apply_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("apply", kDescription);
  const auto options = std::make_shared<ApplyOptions>();
  command->add_option("MODEL", options->model, "an ONNX file, or a folder with a Hugging Face checkpoint")
      ->required()
      ->type_name("")
      ->configurable(false);
  command->add_option("--output", options->output, "the permuted ONNX file, or folder")
      ->required()
      ->type_name("FILE.onnx|FOLDER")
      ->check(file_name());
  add_weight_options(*command, *options);
  add_scoring_options(*command, options->scoring);
  add_search_options(*command, *options);
  command->add_option("--report", options->report, "what was done, as JSON")
      ->type_name("FILE")
      ->check(file_name());
  command
      ->add_option_function<int>(
          "--inputs", [options](const int& count) { options->inputs = count; },
          "random inputs that both ONNX networks are run on (3; 0: none,\noutputs are not compared)")
      ->type_name("K")
      ->check(whole_number(0, 1000));
  command
      ->add_option_function<std::int64_t>(
          "--memory-limit", [options](const std::int64_t& mib) { options->memory_limit_mib = mib; },
          "checkpoints: scores of a set that is searched, in MiB;\nrows beyond that are left out evenly "
          "(128)")
      ->type_name("MIB")
      ->check(whole_number(1, 1 << 24));
  command->add_flag("--undo", options->undo, "take the permutations of MODEL back (zeros stay)");
  command->add_flag("--quiet", options->quiet, "print nothing but errors");
  command->add_option("--config", options->config, "options from a file (see `nmperm solve --help`)")
      ->type_name("FILE")
      ->check(file_name())
      ->configurable(false);
  command->footer(kFooter);
  return {command, [command, options] {
            if (!options->config.empty()) apply_config_file(*command, options->config);
            return run(*options);
          }};
}

}  // namespace nmperm
