// `nmperm export`: a mathematical program as a file for other solvers.
#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/signals.h"
#include "core/error.h"
#include "core/problem.h"
#include "formulations/default_formulations.h"
#include "formulations/lp_writer.h"
#include "formulations/mps_writer.h"
#include "instances/load.h"
#include "instances/spec.h"
#include "io/atomic_file.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Writes a mathematical program of an instance for other solvers";

constexpr const char* kFooter =
    R"(Formulations, and their options:
  bqp      groups and deletions, quadratic: form=quadratic (default) or linear
  blp      groups and deletions, linear
  mda      multi-dimensional assignment over pairings of columns
  setpart  set partitioning over all groups: rows=partition (default) or cover
bqp and blp number the groups by their first columns: symmetry-breaking=on (default) or off.
All minimise the magnitude that the pattern prunes. Columns i of the instance are x_i_k (column
i is in group k), or members of groups: group_0_3_8_9. CBC and GLPK read all but the quadratic
form.

Examples:
  nmperm export random:16x12:1 --formulation setpart --format lp --output setpart.lp
  nmperm export weights.npy --formulation blp --format mps | head
  nmperm export weights.npy --formulation bqp --option form=linear --format lp --output bqp.lp)";

struct ExportOptions {
  InstanceOptions instance;
  std::string formulation, format, output = "-";
  std::vector<std::string> formulation_options;
  bool quiet = false;

  bool writes_to_stdout() const { return output == "-"; }
};

struct Interrupted {};

/// Options of the program, and of its form where there are two.
Options parse_options(const FormulationKind& kind, const ExportOptions& options) {
  std::vector<OptionRecord> records = kind.options;
  if (kind.quadratic) {
    records.push_back(OptionRecord::choice("form", "with products of variables, or linearised", "quadratic",
                                           {"quadratic", "linear"}));
  }
  return {kind.name, records, parse_option_values(options.formulation_options)};
}

std::string comment(const FormulationKind& kind, const Problem& problem, const std::string& name) {
  std::string text =
      fmt::format("{} of {}: {} x {}, {}, segments {}\n", kind.name, name, problem.rows(), problem.columns(),
                  problem.pattern().str(), fmt::join(problem.segments().lengths(), ","));
  text += fmt::format("The objective is the magnitude that is pruned; {} minus it is kept.",
                      problem.magnitude().total / problem.search_scale());
  if (problem.search_scale() != 1) text += fmt::format(" In units of {}.", problem.search_scale());
  return text;
}

/// "blp: 138 rows, 112 columns (16 integer), 420 entries"
std::string size_text(const std::string& name, const MixedIntegerProgram& program) {
  int integer = 0;
  for (int j = 0; j < program.columns(); ++j) integer += program.is_integer(j) ? 1 : 0;
  return fmt::format("{}: {} rows, {} columns ({} integer), {} entries", name, program.rows(),
                     program.columns(), integer, program.entries());
}
std::string size_text(const std::string& name, const QuadraticProgram& program) {
  return fmt::format("{}, {} products", size_text(name, program.linear), program.terms.size());
}

/// Writes the whole program, or nothing: false where the user interrupted.
template <typename Program>
bool write_program(const ExportOptions& options, const Program& program, const std::string& comment,
                   const std::atomic<bool>& interrupted) {
  std::optional<AtomicFile> file;
  if (!options.writes_to_stdout()) file.emplace(options.output);
  const TextSink sink = [&](std::string_view text) {
    if (interrupted) throw Interrupted();
    if (file) {
      file->write(text);
    } else {
      std::fwrite(text.data(), 1, text.size(), stdout);
    }
  };
  try {
    if (options.format == "lp") {
      write_lp(program, comment, sink);
    } else {
      write_mps(program, options.formulation, comment, sink);
    }
  } catch (const Interrupted&) {
    return false;
  }
  if (file) file->commit();
  if (!options.quiet) fmt::print(stderr, "{}\n", size_text(options.formulation, program));
  return true;
}

void check_output(const ExportOptions& options) {
  if (options.writes_to_stdout()) return;
  if (same_file(options.output, parse_instance_spec(options.instance.instance).path)) {
    throw InputError(options.output, {}, "the instance itself would be overwritten", "another file name");
  }
  require_writable(options.output);
}

int run(const ExportOptions& options) {
  const std::atomic<bool>& interrupted = catch_interrupts();
  const Pattern pattern = options.instance.parsed_pattern();
  auto segments = options.instance.segments();
  const FormulationKind& kind = find_formulation(options.formulation);
  const Options values = parse_options(kind, options);
  const bool quadratic = kind.quadratic && values.choice("form") == "quadratic";
  check_output(options);

  Instance instance = load_instance(options.instance.instance);
  const Problem problem(std::move(instance.scores), pattern, std::move(segments));
  FormulationScope scope = FormulationScope::whole(problem);
  scope.should_stop = [&interrupted] { return interrupted.load(); };
  const auto formulation = kind.build(scope, values);
  if (!formulation) return kExitInterrupted;
  const std::string about = comment(kind, problem, instance.name);
  const bool written = quadratic ? write_program(options, *formulation->quadratic(), about, interrupted)
                                 : write_program(options, formulation->program(), about, interrupted);
  return written ? kExitDone : kExitInterrupted;
}

}  // namespace

Command add_export_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("export", kDescription);
  const auto options = std::make_shared<ExportOptions>();
  add_instance_argument(*command, options->instance.instance);
  add_pattern_options(*command, options->instance);
  command->add_option("--formulation", options->formulation, "bqp, blp, mda or setpart (see below)")
      ->required()
      ->type_name("F");
  const auto known_format = [](const std::string& text) {
    return text == "lp" || text == "mps" ? std::string{}
                                         : fmt::format("value '{}' (expected lp or mps)", text);
  };
  command->add_option("--format", options->format, "lp (CPLEX LP) or mps (free MPS)")
      ->required()
      ->type_name("lp|mps")
      ->check(CLI::Validator(known_format, ""));
  command
      ->add_option("--option", options->formulation_options, "an option of the formulation; may be repeated")
      ->allow_extra_args(false)
      ->option_text("KEY=VALUE");
  command->add_option("--output", options->output, "the file to write; - is standard output (-)")
      ->type_name("FILE")
      ->check(file_name());
  command->add_flag("--quiet", options->quiet, "no line about the program's size on standard error");
  command->footer(kFooter);
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
