// `nmperm verify`: do two models compute the same function?
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/engine_search.h"
#include "checkpoints/verify_checkpoint.h"
#include "core/error.h"
#include "network/verify.h"

namespace nmperm {
namespace {

constexpr const char* kDescription =
    "Checks whether two ONNX files, or two checkpoints, compute the same function";

constexpr const char* kFooter =
    R"(Structure: where the files record permutations (nmperm apply), these are taken back and all
tensors compared bit for bit. Outputs: both are run on the same random inputs in ONNX
Runtime, without graph optimisation; each output may differ by 1e-5 of its largest element
(1e-2 for networks in half precision), or where that is more, by four times what other last
bits of the weights make of it (at most 1e-3).

Two folders are checkpoints of language models: config.json and every tensor are compared,
after the permutations that nmperm.json records; they are not run.

Exit code 0 when the outputs agree (or, where there is no ONNX Runtime, the structures), 4 when
they do not: a pruned network computes another function than the one before, and is reported so.

Example:
  nmperm verify model.onnx permuted.onnx
  nmperm verify llama/ llama-permuted/)";

struct VerifyFiles {
  std::string a, b;
  NumericalOptions numerical;
};

std::string structure_text(const StructuralProof& structure) {
  if (!structure.equal) return "differs: " + structure.difference;
  return structure.pruned ? "equal but for recorded zeros"
                          : "equal bit for bit under the recorded permutations";
}

/// The exit code where nothing but the structures can be compared.
int judge(const StructuralProof& structure, const VerifyFiles& options) {
  if (structure.equal && !structure.pruned) return kExitDone;
  throw CheckError(options.b, "structure", structure.pruned ? "the network is pruned" : structure.difference,
                   "the tensors of " + options.a);
}

int verify_folders(const VerifyFiles& options) {
  const StructuralProof structure =
      compare_checkpoints(CheckpointFiles::open(options.a), CheckpointFiles::open(options.b));
  fmt::print("{:<14}{}\n", "structure", structure_text(structure));
  fmt::print("{:<14}not compared: checkpoints are not run\n", "outputs");
  return judge(structure, options);
}

/// Whether both are folders. Throws where one is, or where an option has no meaning for them.
bool are_folders(const VerifyFiles& options, const CLI::App& command) {
  const bool a = std::filesystem::is_directory(options.a), b = std::filesystem::is_directory(options.b);
  if (a != b) {
    throw InputError(a ? options.a : options.b, {},
                     "is a folder, and '" + (a ? options.b : options.a) + "' is none",
                     "two ONNX files or two folders");
  }
  for (const char* name : {"--inputs", "--seed", "--tolerance"}) {
    if (a && command.count(name) > 0) {
      throw InputError(name, {}, "'" + options.a + "' is a folder", "an ONNX file");
    }
  }
  return a;
}

int run(const VerifyFiles& options, const CLI::App& command) {
  if (are_folders(options, command)) return verify_folders(options);
  const OnnxModel a = OnnxModel::read(options.a), b = OnnxModel::read(options.b);
  const StructuralProof structure = compare_structure(a, b);
  fmt::print("{:<14}{}\n", "structure", structure_text(structure));
  const auto engine = find_engine();
  if (!engine) {
    fmt::print("{:<14}not compared: there is no ONNX Runtime; {}\n", "outputs", InferenceEngine::advice());
    return judge(structure, options);
  }
  const NumericalProof outputs = compare_outputs(*engine, a, options.a, b, options.b, options.numerical);
  fmt::print("{:<14}{}\n", "outputs", describe(outputs));
  if (outputs.equal) return kExitDone;
  throw CheckError(options.b, "outputs", fmt::format("differ by {:.3e}", outputs.max_abs_difference),
                   structure.pruned ? "the same, but this network is pruned" : "those of " + options.a);
}

}  // namespace

Command add_verify_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("verify", kDescription);
  const auto options = std::make_shared<VerifyFiles>();
  command->add_option("A", options->a, "an ONNX file, or a folder with a Hugging Face checkpoint")
      ->required()
      ->type_name("");
  command->add_option("B", options->b, "another")->required()->type_name("");
  command->add_option("--inputs", options->numerical.inputs, "random inputs that both are run on (3)")
      ->type_name("K")
      ->check(whole_number(1, 1000));
  command->add_option("--seed", options->numerical.seed, "seed of the inputs (0)")
      ->type_name("K")
      ->check(unsigned_number());
  command
      ->add_option_function<double>(
          "--tolerance", [options](const double& t) { options->numerical.tolerance = t; },
          "largest difference, relative to the largest element\nof the output (1e-5; half precision 1e-2)")
      ->type_name("T")
      ->check(number_from(0));
  command->footer(kFooter);
  return {command, [options, command] { return run(*options, *command); }};
}

}  // namespace nmperm
