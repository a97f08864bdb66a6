// `nmperm info`: what an instance is, before any search.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/instance_figures.h"
#include "apps/summary.h"
#include "checkpoints/checkpoint_report.h"
#include "core/error.h"
#include "core/problem.h"
#include "instances/fingerprint.h"
#include "instances/load.h"
#include "instances/spec.h"
#include "io/atomic_file.h"
#include "network/report.h"

namespace nmperm {
namespace {

constexpr const char* kDescription =
    "Shows shape, magnitudes, number of permutations and sizes of an instance";

constexpr const char* kFooter =
    R"(For FILE.onnx without an initializer, and for a folder with a Hugging Face checkpoint: the
permutable sets of the network, with the weights
that produce and that consume their channels, and why each other weight stays as it is.

total      sum of all scores (absolute weights)
default    what the N:M pattern keeps of it without a permutation
row bound  sum over the rows of their C*N/M largest scores: no permutation keeps more

Examples:
  nmperm info weights.npy
  nmperm info model.safetensors:layer1.weight --pattern 1:4
  nmperm info random:128x64:1 --json
  nmperm info network.onnx --dot network.dot)";

struct InfoOptions {
  InstanceOptions instance;
  bool json = false;
  std::string dot;
};

struct ValueType {
  const char* name;
  int bits;
};
constexpr ValueType kValueTypes[] = {{"32-bit", 32}, {"16-bit", 16}, {"8-bit", 8}};

/// Everything that is shown.
struct Info {
  std::string name, sha256;
  Magnitude magnitude;
  PermutationCount permutations;
  DegenerateCounts degenerate;
};

std::string count_text(const PermutationCount& count) {
  return count.exact ? fmt::format("{}", *count.exact) : fmt::format("about 10^{:.1f}", count.log10);
}

void print_magnitudes(const Magnitude& magnitude) {
  fmt::print("\n{:<10}{:>16}  {:>14}  {}\n", "magnitude", "", "share of total", "all digits");
  const auto line = [&](const char* name, double value) {
    const std::string share =
        magnitude.total > 0 ? fmt::format("{:.3f} %", 100 * value / magnitude.total) : "-";
    fmt::print("{:<10}{:>16.3f}  {:>14}  {}\n", name, value, share, value);
  };
  line("total", magnitude.total);
  line("default", magnitude.default_kept);
  line("row bound", magnitude.row_bound);
}

void print_sizes(const Problem& problem) {
  fmt::print("\n{:<10}{:>16}  {:>14}  {:>8}\n", "bytes", "dense", "compressed", "share");
  for (const ValueType& type : kValueTypes) {
    const MatrixSize size = matrix_size(problem.rows(), problem.columns(), problem.pattern(), type.bits);
    const double share = static_cast<double>(size.compressed_bytes) / static_cast<double>(size.dense_bytes);
    fmt::print("{:<10}{:>16}  {:>14}  {:>6.1f} %\n", type.name, size.dense_bytes, size.compressed_bytes,
               100 * share);
  }
}

void print_text(const Info& info, const Problem& problem) {
  fmt::print("{:<14}{}\n", "instance", info.name);
  fmt::print("{:<14}{} rows x {} columns, {} as float32\n", "shape", problem.rows(), problem.columns(),
             bytes_text(4.0 * problem.rows() * problem.columns()));
  fmt::print("{:<14}{}\n", "sha256", info.sha256);
  fmt::print("{:<14}{}, {} groups\n", "pattern", problem.pattern().str(), problem.groups());
  fmt::print("{:<14}{}\n", "segments", fmt::join(problem.segments().lengths(), ","));
  fmt::print("{:<14}{} that keep different scores\n", "permutations", count_text(info.permutations));
  fmt::print("{:<14}{} rows, {} columns\n", "all zero", info.degenerate.zero_rows,
             info.degenerate.zero_columns);
  fmt::print("{:<14}{} columns equal an earlier one\n", "duplicates", info.degenerate.duplicate_columns);
  print_magnitudes(info.magnitude);
  print_sizes(problem);
}

void print_json(const Info& info, const Problem& problem) {
  nlohmann::ordered_json json;
  json["format"] = "nmperm-info";
  json["version"] = 1;
  json["instance"] = {
      {"name", info.name}, {"rows", problem.rows()}, {"columns", problem.columns()}, {"sha256", info.sha256}};
  json["pattern"] = problem.pattern().str();
  json["segments"] = problem.segments().lengths();
  json["magnitude"] = {{"total", info.magnitude.total},
                       {"default", info.magnitude.default_kept},
                       {"row_bound", info.magnitude.row_bound}};
  json["permutations"] = {{"log10", info.permutations.log10}, {"exact", nullptr}};
  if (info.permutations.exact) json["permutations"]["exact"] = *info.permutations.exact;
  json["zero_rows"] = info.degenerate.zero_rows;
  json["zero_columns"] = info.degenerate.zero_columns;
  json["duplicate_columns"] = info.degenerate.duplicate_columns;
  for (const ValueType& type : kValueTypes) {
    const MatrixSize size = matrix_size(problem.rows(), problem.columns(), problem.pattern(), type.bits);
    json["bytes"][type.name] = {{"dense", size.dense_bytes}, {"compressed", size.compressed_bytes}};
  }
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;  // names may be no UTF-8
  fmt::print("{}\n", json.dump(1, ' ', false, kReplace));
}

/// The network of an ONNX file.
int show_network(const std::string& path, const Pattern& pattern, const InfoOptions& options) {
  if (same_file(options.dot, path)) {
    throw InputError(options.dot, {}, "the model itself would be overwritten", "another file name");
  }
  const NetworkPlan plan = plan_network(OnnxModel::read(path), pattern, PruningRule());
  const std::string name = std::filesystem::path(path).filename().string();
  fmt::print("{}", options.json ? plan_json(plan, name) : plan_text(plan));
  if (!options.dot.empty()) write_file(options.dot, to_dot(plan.graph));
  return kExitDone;
}

/// A folder with a checkpoint of a language model.
int show_checkpoint(const std::string& folder, const Pattern& pattern, const InfoOptions& options) {
  if (!options.dot.empty()) throw InputError("--dot", {}, "'" + folder + "' is a folder", "an ONNX file");
  const CheckpointFiles files = CheckpointFiles::open(folder);
  const CheckpointPlan plan = plan_checkpoint(files, pattern, PruningRule());
  const ReportContent content = checkpoint_content(files, plan);
  if (options.json) {
    fmt::print("{}", info_json(content, std::nullopt));
    return kExitDone;
  }
  const ModelShape& shape = plan.shape;
  fmt::print("{:<14}{} of type {}, {} layers of {} channels, {} query and {} value heads, {} shards\n",
             "checkpoint", content.model, shape.family->model_type, shape.layers, shape.hidden, shape.heads,
             shape.value_heads, files.shards().size());
  fmt::print("{}", info_text(content));
  return kExitDone;
}

int run(const InfoOptions& options) {
  const std::string& folder = options.instance.instance;
  if (std::filesystem::is_directory(folder)) {
    const std::optional<std::string>& pattern = options.instance.pattern;
    return show_checkpoint(folder, pattern ? Pattern::parse(*pattern) : Pattern(), options);
  }
  const Pattern pattern = options.instance.parsed_pattern();
  const InstanceSpec spec = parse_instance_spec(options.instance.instance);
  if (spec.kind == InstanceSpec::Kind::kOnnx && spec.tensor.empty())
    return show_network(spec.path, pattern, options);
  if (!options.dot.empty())
    throw InputError("--dot", {}, "'" + spec.path + "' is no network", "an ONNX file");
  auto segments = options.instance.segments();
  Instance instance = load_instance(options.instance.instance);
  Info info;
  info.name = instance.name;
  const Problem problem(std::move(instance.scores), pattern, std::move(segments));
  info.sha256 = fingerprint(problem.scores());
  info.magnitude = problem.magnitude();
  info.permutations = count_distinct_permutations(problem.segments(), pattern);
  info.degenerate = count_degenerate(problem.scores());
  if (options.json) {
    print_json(info, problem);
  } else {
    print_text(info, problem);
  }
  return kExitDone;
}

}  // namespace

Command add_info_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("info", kDescription);
  const auto options = std::make_shared<InfoOptions>();
  add_instance_argument(*command, options->instance.instance);
  add_pattern_options(*command, options->instance);
  command->add_flag("--json", options->json, "print a JSON document");
  command->add_option("--dot", options->dot, "write the graph of an ONNX file for Graphviz")
      ->type_name("FILE")
      ->check(file_name());
  command->footer(kFooter);
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
