#include "bench/preset.h"

#include "core/error.h"
#include "solvers/default_solvers.h"

namespace nmperm {
namespace {

void add_option(Preset& preset, std::string_view text, const std::string& whole) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    throw InputError("--solvers", whole, "'" + std::string(text) + "'", "SOLVER:KEY=VALUE:KEY=VALUE...");
  }
  const auto [there, added] =
      preset.options.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  if (!added)
    throw InputError("--solvers", whole, there->first + " is given twice", "one value for each option");
}

}  // namespace

std::string Preset::label() const {
  std::string text = solver;
  for (const auto& [name, value] : options) text += ":" + name + "=" + value;
  return text;
}

Preset parse_preset(std::string_view text) {
  const std::string whole(text);
  Preset preset;
  auto colon = text.find(':');
  const Solver& solver = find_solver(std::string(text.substr(0, colon)));
  preset.solver = solver.info().name;
  while (colon != std::string_view::npos) {
    text.remove_prefix(colon + 1);
    colon = text.find(':');
    add_option(preset, text.substr(0, colon), whole);
  }
  (void)Options(preset.solver, solver.info().options, preset.options);  // throws
  return preset;
}

}  // namespace nmperm
