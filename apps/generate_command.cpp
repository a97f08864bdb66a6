// `nmperm generate`: a generated instance as a file.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "core/error.h"
#include "instances/generators.h"
#include "instances/load.h"
#include "instances/save.h"
#include "instances/spec.h"
#include "io/atomic_file.h"

namespace nmperm {
namespace {

constexpr const char* kDescription =
    "Writes a generated instance, or one of the library, to a .npy file (float32, C order)";

constexpr const char* kExamples = R"(
Every kind is a few lines of NumPy (docs/formats.md), and equal to them bit for bit.

Examples:
  nmperm generate random:128x64:1 --output r128x64.npy
  nmperm generate structured:512x256:7 --output s.npy
  nmperm generate library:random-64x64-100 --output m.npy)";

struct GenerateOptions {
  std::string instance, output;
};

std::string footer() {
  std::string text = "KIND is one of\n";
  for (const Generator& kind : generators()) text += fmt::format("  {:<12}  {}\n", kind.name, kind.summary);
  return text + kExamples;
}

int run(const GenerateOptions& options) {
  const InstanceSpec spec = parse_instance_spec(options.instance);
  if (spec.kind != InstanceSpec::Kind::kGenerated && spec.kind != InstanceSpec::Kind::kLibrary) {
    throw InputError(options.instance, {}, "not a generated instance",
                     "library:NAME, or KIND:ROWSxCOLUMNS:SEED with KIND " + generator_names());
  }
  require_writable(options.output);
  save_npy(options.output, load_instance(options.instance).scores);
  return kExitDone;
}

}  // namespace

Command add_generate_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("generate", kDescription);
  const auto options = std::make_shared<GenerateOptions>();
  command
      ->add_option("INSTANCE", options->instance,
                   "KIND:ROWSxCOLUMNS:SEED, such as random:128x64:1, or library:NAME")
      ->required()
      ->type_name("");
  command->add_option("--output", options->output, "the file to write")
      ->required()
      ->type_name("FILE.npy")
      ->check(file_name());
  command->footer(footer());
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
