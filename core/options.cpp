#include "core/options.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "core/error.h"

namespace nmperm {
namespace {

std::string shortest(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return {text, error == std::errc() ? end : text};
}

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

bool accepts(const OptionRecord& record, const std::string& value) {
  if (record.type == OptionRecord::Type::kChoice) {
    return std::find(record.choices.begin(), record.choices.end(), value) != record.choices.end();
  }
  std::optional<double> number = parse_number<double>(value);
  if (record.type == OptionRecord::Type::kInteger && !parse_number<long long>(value)) number.reset();
  return number && *number >= record.min && *number <= record.max;
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

OptionRecord OptionRecord::integer(std::string name, std::string description, long long default_value,
                                   long long min, long long max) {
  return {std::move(name),
          std::move(description),
          Type::kInteger,
          std::to_string(default_value),
          static_cast<double>(min),
          static_cast<double>(max),
          {}};
}

OptionRecord OptionRecord::real(std::string name, std::string description, double default_value, double min,
                                double max) {
  return {std::move(name), std::move(description), Type::kReal, shortest(default_value), min, max, {}};
}

OptionRecord OptionRecord::choice(std::string name, std::string description, std::string default_value,
                                  std::vector<std::string> choices) {
  return {std::move(name),   std::move(description), Type::kChoice, std::move(default_value), 0, 0,
          std::move(choices)};
}

std::string OptionRecord::range() const {
  if (type == Type::kInteger) {
    return std::to_string(static_cast<long long>(min)) + " .. " + std::to_string(static_cast<long long>(max));
  }
  if (type == Type::kReal) return shortest(min) + " .. " + shortest(max);
  std::string text;
  for (const auto& value : choices) text += (text.empty() ? "" : " | ") + value;
  return text;
}

Options::Options(const std::string& subject, const std::vector<OptionRecord>& records,
                 const OptionValues& given) {
  std::vector<std::string> names;
  for (const auto& record : records) {
    names.push_back(record.name);
    values_[record.name] = record.default_value;
  }
  for (const auto& [given_name, value] : given) {
    const std::string& name = given_name;  // clang 14 captures no structured binding
    const auto record =
        std::find_if(records.begin(), records.end(), [&](const auto& r) { return r.name == name; });
    if (record == records.end()) {
      std::string known;
      for (const auto& n : names) known += (known.empty() ? "" : ", ") + n;
      const std::string nearest = nearest_name(name, names);
      throw InputError("solver " + subject, "option " + name, "unknown option",
                       known.empty()     ? "none: this solver has no options"
                       : nearest.empty() ? "one of " + known
                                         : "did you mean " + nearest + "? known: " + known);
    }
    if (!accepts(*record, value)) {
      throw InputError("solver " + subject, "option " + name, "value '" + value + "'", record->range());
    }
    values_[name] = value;
  }
}

namespace {
const std::string& value_of(const OptionValues& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) throw InternalError("no option named " + name);
  return found->second;
}
}  // namespace

long long Options::integer(const std::string& name) const {
  return parse_number<long long>(value_of(values_, name)).value();
}
double Options::real(const std::string& name) const {
  return parse_number<double>(value_of(values_, name)).value();
}
const std::string& Options::choice(const std::string& name) const {
  return value_of(values_, name);
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates) {
  std::string nearest;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace nmperm
