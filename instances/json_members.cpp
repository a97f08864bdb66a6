#include "instances/json_members.h"

#include <limits>
#include <span>

#include "core/error.h"

namespace nmperm {
namespace {

constexpr int kMaxInt = std::numeric_limits<int>::max();

}  // namespace

std::string json_text(const ByteSource& source, std::uint64_t most_bytes, const std::string& kind) {
  if (source.size_bytes() > most_bytes) {
    throw InputError(source.name(), {},
                     std::to_string(source.size_bytes()) + " bytes are too many for a " + kind,
                     "at most " + std::to_string(most_bytes));
  }
  std::string text(static_cast<std::size_t>(source.size_bytes()), '\0');
  source.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

void require_format(const JsonValue& root, const std::string& format, int version, const std::string& kind) {
  if (root.at("format").text() != format) root.at("format").fail("is no " + kind, format);
  if (root.at("version").integer(0, kMaxInt) != version) {
    root.at("version").fail("is of an unknown version", std::to_string(version));
  }
}

double nonnegative(const JsonValue& value) {
  const double number = value.number();
  if (number < 0) value.fail("is negative", "zero or more");
  return number;
}

std::vector<int> integers(const JsonValue& array, int min) {
  std::vector<int> values(array.array_size());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<int>(array.at(i).integer(min, kMaxInt));
  return values;
}

std::string sha256_of(const JsonValue& value) {
  const std::string text = value.text();
  if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    value.fail("is no SHA-256", "64 lower-case hexadecimal digits");
  }
  return text;
}

Pattern pattern_of(const JsonValue& value) {
  try {
    return Pattern::parse(value.text());
  } catch (const InputError& error) {
    value.fail("is no N:M pattern", "such as \"2:4\"");
  }
}

Segments segments_of(const JsonValue& value, int columns, const Pattern& pattern) {
  std::vector<int> lengths = integers(value, 1);
  try {
    Segments segments(std::move(lengths));
    segments.validate(columns, pattern);
    return segments;
  } catch (const InputError& error) {
    value.fail(error.what(), "lengths that fit the instance and the pattern");
  }
}

nlohmann::ordered_json magnitude_json(const Magnitude& magnitude) {
  return {{"total", magnitude.total},
          {"default", magnitude.default_kept},
          {"row_bound", magnitude.row_bound},
          {"kept", magnitude.kept}};
}

Magnitude magnitude_of(const JsonValue& value) {
  Magnitude magnitude;
  magnitude.total = nonnegative(value.at("total"));
  magnitude.default_kept = nonnegative(value.at("default"));
  magnitude.row_bound = nonnegative(value.at("row_bound"));
  magnitude.kept = nonnegative(value.at("kept"));
  return magnitude;
}

Status status_of(const JsonValue& value) {
  if (const auto status = status_named(value.text())) return *status;
  value.fail("is no known status", "optimal, feasible, time_limit or interrupted");
}

nlohmann::ordered_json options_json(const OptionValues& options) {
  return options.empty() ? nlohmann::ordered_json::object() : nlohmann::ordered_json(options);
}

nlohmann::ordered_json trace_json(const std::vector<TracePoint>& trace) {
  auto points = nlohmann::ordered_json::array();
  for (const TracePoint& point : trace) {
    points.push_back({{"seconds", point.seconds},
                      {"kept", point.kept},
                      {"bound", or_null(point.bound)},
                      {"source", point.source}});
  }
  return points;
}

std::string one_line_each(const nlohmann::ordered_json& document) {
  std::string text;
  for (const auto& member : document.items()) {
    text += text.empty() ? "{\n" : ",\n";
    text += "  \"" + member.key() + "\": ";
    text += member.value().dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  return text + "\n}\n";
}

}  // namespace nmperm
