// Options of solvers: one table of records feeds parsing, help and documentation.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace nmperm {

/// One option of a solver: name, what it does, its default and its range.
struct OptionRecord {
  enum class Type { kInteger, kReal, kChoice };

  static OptionRecord integer(std::string name, std::string description, long long default_value,
                              long long min, long long max);
  static OptionRecord real(std::string name, std::string description, double default_value, double min,
                           double max);
  static OptionRecord choice(std::string name, std::string description, std::string default_value,
                             std::vector<std::string> choices);

  /// "0 .. 1000", or "a | b".
  std::string range() const;

  std::string name, description;
  Type type = Type::kInteger;
  std::string default_value;
  double min = 0, max = 0;           // kInteger, kReal
  std::vector<std::string> choices;  // kChoice
};

/// Option names and values as the user gave them.
using OptionValues = std::map<std::string, std::string>;

/// Values of all options of one solver: defaults, overlaid by what was given.
class Options {
 public:
  /// Throws InputError on an unknown name (the nearest known one is suggested), a value that does not parse,
  /// or one out of range. `subject` is the solver's name.
  Options(const std::string& subject, const std::vector<OptionRecord>& records, const OptionValues& given);

  /// Throws InternalError when no record has this name.
  long long integer(const std::string& name) const;
  double real(const std::string& name) const;
  const std::string& choice(const std::string& name) const;

  /// Every option with its value, for the solution file.
  const OptionValues& values() const { return values_; }

 private:
  OptionValues values_;
};

/// The candidate with the least edit distance to `name`, or an empty string where none is near.
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace nmperm
