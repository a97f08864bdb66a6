#include "network/pruning_rule.h"

#include <charconv>
#include <regex>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {

struct PruningRule::Names {
  std::regex include, exclude;
};

namespace {

std::regex compiled(const std::string& expression, const std::string& option) {
  try {
    return std::regex(expression);
  } catch (const std::regex_error& error) {
    throw InputError(option, {}, "'" + expression + "': " + error.what(),
                     "a regular expression (ECMAScript)");
  }
}

/// Takes "name=number" from the front.
void take_size(std::string_view part, std::int64_t& outputs, std::int64_t& inputs, const std::string& all) {
  const std::size_t equals = part.find('=');
  const std::string_view name = part.substr(0, equals);
  std::int64_t value = 0;
  bool valid = equals != std::string_view::npos && (name == "outputs" || name == "inputs");
  if (valid) {
    const std::string_view digits = part.substr(equals + 1);
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    valid = error == std::errc() && rest == digits.data() + digits.size() && value >= 1;
  }
  if (!valid)
    throw InputError("--rule", {}, "'" + all + "'", "outputs=8,inputs=16 with whole numbers from 1");
  (name == "outputs" ? outputs : inputs) = value;
}

}  // namespace

PruningRule::PruningRule(const std::string& sizes, const std::string& include, const std::string& exclude)
    : include_(include), exclude_(exclude), names_(std::make_unique<Names>()) {
  std::string_view rest = sizes;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    take_size(rest.substr(0, comma), outputs_, inputs_, sizes);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  names_->include = compiled(include, "--include");
  names_->exclude = compiled(exclude, "--exclude");
}

PruningRule::~PruningRule() = default;
PruningRule::PruningRule(PruningRule&&) noexcept = default;

std::string PruningRule::size_refusal(const PrunableWeight& weight, const Pattern& pattern) const {
  if (weight.output_channels % outputs_ != 0) {
    return fmt::format("its {} output channels are not divisible by {}", weight.output_channels, outputs_);
  }
  if (weight.input_channels % inputs_ != 0) {
    return fmt::format("its {} input channels are not divisible by {}", weight.input_channels, inputs_);
  }
  if (weight.input_channels % pattern.group != 0) {
    return fmt::format("its {} input channels make no groups of {}", weight.input_channels, pattern.group);
  }
  return {};
}

std::string PruningRule::name_refusal(const PrunableWeight& weight, const std::string& tensor) const {
  const auto matches = [&](const std::regex& expression) {
    return std::regex_search(tensor, expression) || std::regex_search(weight.node, expression);
  };
  if (!include_.empty() && !matches(names_->include)) return "--include does not name it";
  if (!exclude_.empty() && matches(names_->exclude)) return "--exclude names it";
  return {};
}

std::string PruningRule::describe() const {
  std::string text =
      fmt::format("output channels divisible by {}, input channels per group by {}", outputs_, inputs_);
  if (!include_.empty()) text += ", name matches '" + include_ + "'";
  if (!exclude_.empty()) text += ", name does not match '" + exclude_ + "'";
  return text;
}

}  // namespace nmperm
