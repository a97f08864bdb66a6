// `nmperm apply` of a folder with a Hugging Face checkpoint.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/apply_options.h"
#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/signals.h"
#include "checkpoints/checkpoint_report.h"
#include "checkpoints/folder_in_the_making.h"
#include "checkpoints/search_checkpoint.h"
#include "checkpoints/write_checkpoint.h"
#include "core/error.h"
#include "io/atomic_file.h"
#include "solvers/default_solvers.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDefaultMemoryLimitMib = 128;

std::int64_t memory_limit_mib(const ApplyOptions& options) {
  return options.memory_limit_mib.value_or(kDefaultMemoryLimitMib);
}

/// "OUT.nmperm-state.json" beside the folder OUT.
std::string state_path(const std::string& folder) {
  return without_slashes(folder) + ".nmperm-state.json";
}

/// Everything but the model that decides the result, the time limit left out: a run may be given more.
std::string settings_of(const ApplyOptions& options, const Scoring& scoring) {
  nlohmann::ordered_json json = {{"pattern", Pattern::parse(options.pattern).str()},
                                 {"solver", find_solver(options.search.solver).info().name},
                                 {"option", options.search.solver_options},
                                 {"iteration-limit", nullptr},
                                 {"gap-limit", options.search.gap_limit},
                                 {"seed", options.search.seed},
                                 {"rule", options.rule},
                                 {"include", options.include},
                                 {"exclude", options.exclude},
                                 {"criterion", scoring.criterion().info().name},
                                 {"criterion-option", scoring.criterion().option_values()},
                                 {"statistics", scoring.statistics_sha256()},
                                 {"memory-limit", memory_limit_mib(options)}};
  if (options.search.iteration_limit) json["iteration-limit"] = *options.search.iteration_limit;
  return json.dump();
}

/// The state that an earlier run left, or a fresh one. Throws InputError where it is that of another run.
SearchState state_of(const std::string& path, const CheckpointFiles& files, const std::string& settings) {
  SearchState fresh;
  fresh.inputs = files.sha256();
  fresh.settings = settings;
  if (!fs::exists(path)) return fresh;
  SearchState state = parse_search_state(*open_file(path));
  const char* const advice = "that of this run; remove it to begin anew";
  if (state.inputs != fresh.inputs) throw InputError(path, "inputs", "is the state of another model", advice);
  if (state.settings != settings) {
    throw InputError(path, "settings", "is the state of a run with other options", advice);
  }
  return state;
}

void refuse_what_cannot_be_done(const ApplyOptions& options) {
  if (fs::exists(fs::path(options.model) / kCheckpointRecord)) {
    throw InputError(options.model, kCheckpointRecord, "the checkpoint is permuted already",
                     "the checkpoint before that");
  }
  if (!options.report.empty()) require_writable(options.report);
}

/// Takes the permutations of a checkpoint back.
int undo(const ApplyOptions& options, const std::atomic<bool>& interrupted) {
  const CheckpointFiles files = CheckpointFiles::open(options.model);
  require_output_folder({options.output, false, false}, files);
  if (!undo_checkpoint(files, options.output, interrupted)) return kExitInterrupted;
  if (!options.quiet) {
    fmt::print("{:<14}every tensor equal bit for bit under the inverse permutations\n", "structure");
    fmt::print("{:<14}{}\n", "written", options.output);
  }
  return kExitDone;
}

ChannelOrders orders_of(const std::vector<Result>& results) {
  ChannelOrders orders;
  for (const Result& result : results) orders.push_back(result.permutation);
  return orders;
}

void print_summary(const ReportContent& report, const std::string& rule, const std::string& output) {
  const auto efficacy = report.magnitude.efficacy();
  fmt::print("{:<14}{}\n", "rule", rule);
  fmt::print("{:<14}{} of {} prunable elements\n", "free to move", report.coverage.free_elements,
             report.coverage.prunable_elements);
  fmt::print("{:<14}{} searched, {} weights left as they are\n", "sets", report.sets.size(),
             report.skipped.size());
  fmt::print("{:<14}{:.3f} of {:.3f} (without a permutation {:.3f}), efficacy {}\n", "kept",
             report.magnitude.kept, report.magnitude.total, report.magnitude.default_kept,
             efficacy ? fmt::format("{:.3f} %", *efficacy) : "-");
  fmt::print("{:<14}every tensor equal bit for bit under its permutations\n", "structure");
  if (!report.products.empty()) {
    fmt::print("{:<14}{} pruned weights multiplied in compressed form\n", "products", report.products.size());
  }
  fmt::print("{:<14}{}\n", "written", output);
}

}  // namespace

int apply_checkpoint(const ApplyOptions& options) {
  const std::atomic<bool>& interrupted = catch_interrupts();
  if (options.inputs) throw InputError("--inputs", {}, "'" + options.model + "' is a folder", "an ONNX file");
  if (options.undo) return undo(options, interrupted);
  const PruningRule rule(options.rule, options.include, options.exclude);
  const Solver& solver = find_solver(options.search.solver);
  CheckpointSearch search;
  search.parameters = options.search.parameters(solver);
  search.parameters.interrupt = &interrupted;
  search.score_bytes = memory_limit_mib(options) << 20;
  refuse_what_cannot_be_done(options);
  search.scoring = options.scoring.scoring();
  const CheckpointFiles files = CheckpointFiles::open(options.model);
  const CheckpointPlan plan = plan_checkpoint(files, Pattern::parse(options.pattern), rule);

  const std::string state_file = state_path(options.output);
  SearchState state = state_of(state_file, files, settings_of(options, search.scoring));
  const CheckpointOutput output{options.output, options.prune, state.written};
  require_output_folder(output, files);
  search.save = [&](const SearchState& reached) { write_file(state_file, to_json(reached)); };
  if (!options.quiet) {
    fmt::print(stderr, "{} sets to be searched, {} taken from an earlier run\n",
               plan.sets.size() - state.sets.size(), state.sets.size());
    search.progress = [](std::size_t done, std::size_t sets, const CheckpointSet& set, const Result& result) {
      print_set_progress(done, sets, set.name, result);
    };
  }
  const std::vector<Result> results = search_checkpoint(files, plan, solver, search, state);
  const ChannelOrders orders = orders_of(results);
  ReportContent report = checkpoint_content(files, plan);
  report.magnitude = checkpoint_magnitude(files, plan, search.scoring, results);
  for (std::size_t s = 0; s < results.size(); ++s) {
    report.sets[s].result = &results[s];
    report.sets[s].order = orders[s];
  }
  const bool stopped = interrupted;
  report.products = write_checkpoint(files, plan, orders, search.scoring, output);
  report.structural = true;  // or there would have been an exception
  if (!options.report.empty()) write_file(options.report, report_json(report));
  if (stopped) {
    state.written = true;
    search.save(state);
  } else {
    fs::remove(state_file);
  }
  if (!options.quiet) print_summary(report, rule.describe(), options.output);
  return stopped ? kExitInterrupted : kExitDone;
}

}  // namespace nmperm
