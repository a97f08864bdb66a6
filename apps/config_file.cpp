#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "apps/common_options.h"
#include "core/error.h"
#include "core/options.h"

namespace nmperm {
namespace {

/// CLI11 passes over lines of one or two characters without a word; none of them is a setting.
void refuse_stray_lines(const std::string& text, const std::string& path) {
  std::istringstream lines(text);
  int number = 1;
  bool in_array = false;  // elements may stand on lines of their own
  for (std::string line; std::getline(lines, line); ++number) {
    CLI::detail::trim(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    const bool opens_array = line.find('=') < line.find('[') && line.find('[') != std::string::npos;
    const bool was_in_array = std::exchange(in_array, (in_array || opens_array) && line.back() != ']');
    if (was_in_array || line.size() >= 3) continue;
    throw InputError(path, "line " + std::to_string(number), "'" + line + "'", "NAME = VALUE");
  }
}

/// CLI11 removes the quotes of whole strings; one that is left has no partner.
void refuse_open_strings(const CLI::ConfigItem& item, const std::string& path) {
  for (const std::string& value : item.inputs) {
    if (value.empty() || (value[0] != '"' && value[0] != '\'')) continue;
    throw InputError(path, item.name, "a string without end: " + value,
                     "a closing quote on the same line; # begins a comment, in quotes too");
  }
}

std::vector<CLI::ConfigItem> read_items(const std::string& path) {
  std::ifstream file(path);
  // A directory opens, and then reads as an empty file.
  if (!file || std::filesystem::is_directory(path)) {
    throw InputError(path, {}, std::string("cannot read: ") + std::strerror(file ? EISDIR : errno),
                     "a configuration file with lines NAME = VALUE");
  }
  std::ostringstream text;
  text << file.rdbuf();
  refuse_stray_lines(text.str(), path);
  std::istringstream lines(text.str());
  return CLI::ConfigTOML().from_config(lines);
}

std::vector<std::string> configurable_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_configurable() && !option->get_lnames().empty()) names.push_back(option->get_lnames()[0]);
  }
  return names;
}

CLI::Option& find_option(CLI::App& command, const CLI::ConfigItem& item, const std::string& path) {
  const bool in_section =
      !item.parents.empty() && (item.parents.size() > 1 || item.parents[0] != command.get_name());
  if (in_section) {
    throw InputError(path, item.fullname(), "unknown section",
                     "names at top level or in section [" + command.get_name() + "]");
  }
  CLI::Option* const option = command.get_option_no_throw("--" + item.name);
  if (option != nullptr && option->get_configurable()) return *option;
  const std::string nearest = nearest_name(item.name, configurable_names(command));
  throw InputError(path, item.name, "unknown name",
                   nearest.empty() ? "the long name of an option of nmperm " + command.get_name()
                                   : "did you mean " + nearest + "?");
}

void set_option(CLI::Option& option, const CLI::ConfigItem& item) {
  const bool flag = option.get_expected_max() == 0;
  if (flag) {
    option.add_result(option.get_flag_value(item.name, CLI::ConfigTOML().to_flag(item)));
  } else {
    option.add_result(item.inputs);
  }
  option.run_callback();
}

}  // namespace

void apply_config_file(CLI::App& command, const std::string& path) {
  std::vector<std::string> seen;
  for (const CLI::ConfigItem& item : read_items(path)) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of a section's begin and end
    CLI::Option& option = find_option(command, item, path);
    if (std::find(seen.begin(), seen.end(), item.name) != seen.end()) {
      throw InputError(path, item.name, "given twice", "one line for each name");
    }
    seen.push_back(item.name);
    refuse_open_strings(item, path);
    if (!option.empty()) continue;  // the command line has the last word
    try {
      set_option(option, item);
    } catch (const CLI::ParseError& error) {
      throw InputError(path, {}, error.what());
    }
  }
}

}  // namespace nmperm
