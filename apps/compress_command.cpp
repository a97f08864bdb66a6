// `nmperm compress`: a permuted and pruned weight as a file without its zeros.
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/scoring_options.h"
#include "core/score_matrix.h"
#include "instances/load.h"
#include "instances/solution.h"
#include "io/atomic_file.h"
#include "sparse/compressed_file.h"
#include "sparse/mask.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Writes the compressed N:M weight that a solution yields";

constexpr const char* kFooter =
    R"(Columns are permuted as SOLUTION says, of each group of M the N of largest score
are kept (of equal ones the first), and their values and places are written.
docs/compressed.md describes the file byte by byte.

dtype   f32; f16, bf16 (rounded to nearest); i8 (integers times a scale for each row)
layout  plain: indices row by row; torch: metadata in the order of PyTorch's
        semi-structured tensors (2:4; f16, bf16, i8; shapes in multiples of 32 x 64,
        for i8 16 x 128)

Example:
  nmperm compress weights.npy solution.json --output weights.safetensors --dtype f16)";

struct CompressOptions {
  std::string instance, solution, output, statistics;
  std::string dtype = "f32";
  std::string layout = "plain";
};

ScoreMatrix scores_of(const Weight& weight) {
  ScoreMatrix scores(weight.rows, weight.columns);
  const float* value = weight.values.data();
  for (int r = 0; r < weight.rows; ++r) {
    for (int c = 0; c < weight.columns; ++c) scores.at(r, c) = std::fabs(*value++);
  }
  return scores;
}

/// What rounding to the stored type has changed, at most, relative to the largest value of its row.
double largest_rounding(const CompressedMatrix& exact, const CompressedMatrix& stored) {
  double largest = 0;
  for (std::size_t first = 0; first < exact.values.size(); first += exact.row_size()) {
    double change = 0, magnitude = 0;
    for (std::size_t k = first; k < first + exact.row_size(); ++k) {
      const double value = static_cast<double>(exact.values[k]);
      change = std::max(change, std::fabs(static_cast<double>(stored.values[k]) - value));
      magnitude = std::max(magnitude, std::fabs(value));
    }
    if (change > 0) largest = std::max(largest, change / magnitude);
  }
  return largest;
}

void print_sizes(const StoredWeight& stored, double rounding) {
  const StoredSize size = stored_size(stored);
  const auto line = [](const char* name, std::uint64_t bytes, std::uint64_t of, const char* what) {
    fmt::print("{:<12}{:>14}  {:>6.1f} % of {}\n", name, bytes,
               100 * static_cast<double>(bytes) / static_cast<double>(of), what);
  };
  fmt::print("{:<12}{} rows x {} columns, {}, {}\n", "weight", stored.rows, stored.columns,
             stored.pattern.str(), to_string(stored.type));
  fmt::print("{:<12}{:>14}\n", "bytes dense", size.dense);
  line("compressed", size.compressed(), size.dense, "dense");
  line("  values", size.values, size.dense, "dense");
  line("  indices", size.indices, size.values, "the values");
  if (size.scales > 0) line("  scales", size.scales, size.values, "the values");
  fmt::print("{:<12}{:>14.2e}  of the largest value of a row, at most\n", "rounding", rounding);
}

int run(const CompressOptions& options) {
  const ValueType type = parse_value_type(options.dtype);
  const IndexLayout layout = parse_index_layout(options.layout);
  require_writable(options.output);
  const Solution solution = read_solution(options.solution);
  const Weight weight = load_weight(options.instance);
  const ScoreMatrix scores =
      scores_of_instance(scores_of(weight), options.instance, scoring_of(solution, options.statistics));
  require_same_scores(solution, scores, options.solution);
  const Permutation& permutation = solution.result.permutation;
  const CompressedMatrix matrix = compress({weight.values, weight.rows, weight.columns}, solution.pattern,
                                           permutation, pattern_mask(scores, solution.pattern, permutation));
  const CompressedFile file{store(matrix, type), permutation, options.instance, solution.sha256, layout};
  write_compressed(options.output, file);
  print_sizes(file.weight, largest_rounding(matrix, restore(file.weight)));
  return kExitDone;
}

}  // namespace

Command add_compress_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("compress", kDescription);
  const auto options = std::make_shared<CompressOptions>();
  add_instance_argument(*command, options->instance);
  command->add_option("SOLUTION", options->solution, "the solution file")->required()->type_name("");
  command->add_option("--output", options->output, "the file to write")
      ->required()
      ->type_name("FILE.safetensors")
      ->check(file_name());
  add_statistics_option(*command, options->statistics);
  command->add_option("--dtype", options->dtype, "number format of the values")
      ->type_name("f32|f16|bf16|i8")
      ->capture_default_str();
  command->add_option("--layout", options->layout, "order of the indices")
      ->type_name("plain|torch")
      ->capture_default_str();
  command->footer(kFooter);
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
