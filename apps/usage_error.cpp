#include <algorithm>

#include "apps/common_options.h"
#include "core/error.h"
#include "core/options.h"

namespace nmperm {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

std::string join(const std::vector<std::string>& words) {
  return CLI::detail::join(words, ", ");
}

/// "nmperm solve"
std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

/// The subcommand in use, or the program itself.
const CLI::App& innermost(const CLI::App& app) {
  const auto used = app.get_subcommands();
  return used.empty() ? app : innermost(*used.front());
}

InputError unknown_argument(const CLI::App& app, const std::string& argument) {
  const bool option = argument.size() > 1 && argument[0] == '-';
  const bool subcommand = !option && !app.get_subcommands(nullptr).empty();
  const std::string name = argument.substr(0, argument.find('='));
  const std::string nearest = nearest_name(name, option ? option_names(app) : subcommand_names(app));
  if (option) {
    return {name,
            {},
            "unknown option",
            nearest.empty() ? "an option that " + full_name(app) + " --help lists"
                            : "did you mean " + nearest + "?"};
  }
  if (!subcommand) return {argument, {}, "one argument too many", "what " + full_name(app) + " --help lists"};
  return {argument,
          {},
          "unknown subcommand",
          nearest.empty() ? "one of " + join(subcommand_names(app)) : "did you mean " + nearest + "?"};
}

}  // namespace

InputError usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& used = innermost(app);
  auto unknown = used.remaining();
  std::erase(unknown, "--");  // ends the options, and is no argument itself
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  const auto first_option = std::find_if(unknown.begin(), unknown.end(), is_option);
  if (first_option != unknown.end()) return unknown_argument(used, *first_option);
  if (!unknown.empty()) return unknown_argument(used, unknown.front());
  return {{}, {}, error.what(), {}};
}

}  // namespace nmperm
