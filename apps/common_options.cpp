#include "apps/common_options.h"

#include <charconv>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "core/error.h"
#include "instances/library.h"

namespace nmperm {
namespace {

template <typename Number>
std::optional<Number> parse(const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::string wrong_value(const std::string& value, const std::string& expected) {
  return fmt::format("value '{}' (expected {})", value, expected);
}

}  // namespace

Pattern InstanceOptions::parsed_pattern() const {
  return pattern ? Pattern::parse(*pattern) : default_pattern(instance);
}

std::optional<Segments> InstanceOptions::segments() const {
  if (segment_lengths.empty()) return std::nullopt;
  return Segments(segment_lengths);
}

OptionValues parse_option_values(const std::vector<std::string>& texts) {
  OptionValues values;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw InputError("--option", {}, "'" + text + "'", "KEY=VALUE");
    }
    const std::string name = text.substr(0, equals);
    if (!values.emplace(name, text.substr(equals + 1)).second) {
      throw InputError("--option", name, "given twice", "one value for each option");
    }
  }
  return values;
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;  // a file that is not there is the same as no other
  return !a.empty() && !b.empty() && (a == b || std::filesystem::equivalent(a, b, ignored));
}

void add_instance_argument(CLI::App& command, std::string& instance) {
  command
      .add_option("INSTANCE", instance,
                  "FILE.npy, FILE.npz:NAME, FILE.safetensors:NAME,\nFILE.onnx:INITIALIZER, library:NAME, or "
                  "generated:\n"
                  "random:ROWSxCOLUMNS:SEED, structured:... and more\n(`nmperm generate --help`)")
      ->required()
      ->type_name("")
      ->configurable(false);
}

void add_pattern_options(CLI::App& command, InstanceOptions& options) {
  command
      .add_option("--pattern", options.pattern,
                  "N:M, of each M consecutive columns N are kept in a row\n(2:4; of library:NAME what the "
                  "library states)")
      ->type_name("N:M");
  command
      .add_option("--segments", options.segment_lengths,
                  "lengths of the blocks of columns that columns must\nnot leave (one block)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("L1,L2,...")
      ->check(whole_number(1, std::numeric_limits<int>::max()));
}

CLI::Validator whole_number(std::int64_t min, std::int64_t max) {
  const bool limited = max != std::numeric_limits<std::int64_t>::max();
  const std::string expected = limited ? fmt::format("a whole number, {} .. {}", min, max)
                                       : fmt::format("a whole number, {} or more", min);
  return {[=](const std::string& text) {
            const auto value = parse<std::int64_t>(text);
            return value && *value >= min && *value <= max ? std::string{} : wrong_value(text, expected);
          },
          ""};
}

CLI::Validator unsigned_number() {
  return {[](const std::string& text) {
            return parse<std::uint64_t>(text) ? std::string{}
                                              : wrong_value(text, "a whole number, 0 .. 2^64 - 1");
          },
          ""};
}

CLI::Validator file_name() {
  // A script's empty variable must not mean "no file".
  return {
      [](const std::string& text) { return text.empty() ? wrong_value(text, "a file name") : std::string{}; },
      ""};
}

CLI::Validator number_from(double min) {
  return {[=](const std::string& text) {
            const auto value = parse<double>(text);
            return value && *value >= min ? std::string{}
                                          : wrong_value(text, fmt::format("a number, {:g} or more", min));
          },
          ""};
}

}  // namespace nmperm
