// `nmperm solvers`: what can be asked to search.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "core/solver.h"
#include "solvers/default_solvers.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Lists the solvers, or all about one: reference, iterations, options";

constexpr const char* kFooter = R"(Examples:
  nmperm solvers
  nmperm solvers stripe-groups)";

void print_list() {
  std::size_t width = 0;
  for (const auto& solver : default_solvers()) width = std::max(width, solver->info().name.size());
  fmt::print("{:<{}}  {:<5}  {}\n", "solver", width, "exact", "what it does");
  for (const auto& solver : default_solvers()) {
    const SolverInfo& info = solver->info();
    fmt::print("{:<{}}  {:<5}  {}\n", info.name, width, info.exact ? "yes" : "-", info.summary);
  }
  fmt::print("\nAll about one of them: nmperm solvers NAME\n");
}

void print_solver(const SolverInfo& info) {
  fmt::print("{:<11}{}\n", "solver", info.name);
  if (!info.aliases.empty()) fmt::print("{:<11}{}\n", "aliases", fmt::join(info.aliases, ", "));
  fmt::print("{:<11}{}\n", "summary", info.summary);
  fmt::print("{:<11}{}\n", "exact", info.exact ? "yes: ends with a proof of optimality, given time" : "no");
  fmt::print("{:<11}{}\n", "reference", info.reference);
  fmt::print("{:<11}{}\n", "iteration", info.iteration_unit.empty() ? "none" : info.iteration_unit);
  if (info.options.empty()) {
    fmt::print("{:<11}none\n", "options");
    return;
  }
  fmt::print("options    (--option KEY=VALUE)\n");
  for (const OptionRecord& option : info.options) {
    fmt::print("  {:<24} default {}, range {}\n  {:<24} {}\n", option.name, option.default_value,
               option.range(), "", option.description);
  }
}

}  // namespace

Command add_solvers_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("solvers", kDescription);
  const auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "the solver to describe")->type_name("");
  command->footer(kFooter);
  return {command, [name] {
            if (name->empty()) {
              print_list();
            } else {
              print_solver(find_solver(*name).info());
            }
            return static_cast<int>(kExitDone);
          }};
}

}  // namespace nmperm
