// What the subcommands' parsers share: INSTANCE with pattern and segments, checks of values, configuration
// files.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/options.h"
#include "core/pattern.h"
#include "core/segments.h"

namespace nmperm {

/// INSTANCE, --pattern and --segments as the user gave them.
struct InstanceOptions {
  std::string instance;
  std::optional<std::string> pattern;  ///< null: default_pattern()
  std::vector<int> segment_lengths;

  /// Throws InputError on anything that is not N:M.
  Pattern parsed_pattern() const;
  /// Null where none were given: one segment.
  std::optional<Segments> segments() const;
};

/// The positional INSTANCE.
void add_instance_argument(CLI::App& command, std::string& instance);
/// --pattern and --segments.
void add_pattern_options(CLI::App& command, InstanceOptions& options);

/// "KEY=VALUE" texts of --option as a map. Throws InputError.
OptionValues parse_option_values(const std::vector<std::string>& texts);

/// Whether two names stand for one file, or are equal. False where `a` is empty.
bool same_file(const std::string& a, const std::string& b);

/// Checks of option values; the message of a failure says what was expected.
CLI::Validator whole_number(std::int64_t min, std::int64_t max = std::numeric_limits<std::int64_t>::max());
CLI::Validator unsigned_number();
CLI::Validator number_from(double min);
CLI::Validator file_name();

/// Sets the options of `command` that the command line did not give from a configuration file: TOML lines
/// `name = value`, at top level or in a section named after the command. Throws InputError when the file
/// cannot be read, or on a section, name or value that the command does not know.
void apply_config_file(CLI::App& command, const std::string& path);

/// One line of what is wrong with a command line, as an InputError: names the nearest subcommand or option
/// where one is unknown.
class InputError;
InputError usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace nmperm
