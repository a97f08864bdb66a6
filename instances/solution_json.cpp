// The two directions of the solution file's JSON side by side, so that a field is added to both.
#include <array>
#include <limits>
#include <utility>

#include "core/error.h"
#include "instances/solution.h"
#include "io/json.h"

namespace nmperm {
namespace {

constexpr char kFormat[] = "nmperm-solution";
constexpr int kVersion = 1;
constexpr int kMaxInt = std::numeric_limits<int>::max();

template <typename Value>
nlohmann::ordered_json value_or_null(const std::optional<Value>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json bound_json(const std::optional<Bound>& bound) {
  if (!bound) return nullptr;
  return {{"kept", bound->kept}, {"method", bound->method}, {"certificate", nullptr}};
}

nlohmann::ordered_json trace_json(const std::vector<TracePoint>& trace) {
  auto points = nlohmann::ordered_json::array();
  for (const TracePoint& point : trace) {
    points.push_back({{"seconds", point.seconds},
                      {"kept", point.kept},
                      {"bound", value_or_null(point.bound)},
                      {"source", point.source}});
  }
  return points;
}

/// One member a line: permutations and traces stay together, and two solutions can be compared line by line.
std::string one_line_each(const nlohmann::ordered_json& document) {
  std::string text;
  for (const auto& member : document.items()) {
    text += text.empty() ? "{\n" : ",\n";
    text += "  \"" + member.key() + "\": ";
    text += member.value().dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  return text + "\n}\n";
}

std::optional<double> number_or_null(const JsonValue& value) {
  if (value.is_null()) return std::nullopt;
  return value.number();
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

std::string sha256_text(const JsonValue& value) {
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

Status status_of(const JsonValue& value) {
  const std::string text = value.text();
  for (const Status status :
       {Status::kOptimal, Status::kFeasible, Status::kTimeLimit, Status::kInterrupted}) {
    if (text == to_string(status)) return status;
  }
  value.fail("is no known status", "optimal, feasible, time_limit or interrupted");
}

Magnitude magnitude_of(const JsonValue& value) {
  Magnitude magnitude;
  magnitude.total = nonnegative(value.at("total"));
  magnitude.default_kept = nonnegative(value.at("default"));
  magnitude.row_bound = nonnegative(value.at("row_bound"));
  magnitude.kept = nonnegative(value.at("kept"));
  return magnitude;
}

std::optional<Bound> bound_of(const JsonValue& value) {
  if (value.is_null()) return std::nullopt;
  const JsonValue certificate = value.at("certificate");
  // Who checks a solution must not believe that a proof has been checked with it.
  if (!certificate.is_null()) certificate.fail("is of a kind that this version cannot check", "null");
  return Bound{nonnegative(value.at("kept")), value.at("method").text()};
}

OptionValues options_of(const JsonValue& value) {
  OptionValues options;
  for (const auto& member : value.object().items()) {
    const JsonValue option = value.at(member.key());
    options[member.key()] = option.is_number() ? member.value().dump() : option.text();
  }
  return options;
}

std::vector<TracePoint> trace_of(const JsonValue& array) {
  std::vector<TracePoint> trace(array.array_size());
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const JsonValue point = array.at(i);
    trace[i].seconds = nonnegative(point.at("seconds"));
    trace[i].kept = nonnegative(point.at("kept"));
    trace[i].bound = number_or_null(point.at("bound"));
    if (point.object().contains("source")) trace[i].source = point.at("source").text();
  }
  return trace;
}

Segments segments_of(const JsonValue& value, int columns, const Pattern& pattern,
                     const std::string& subject) {
  try {
    Segments segments(integers(value, 1));
    segments.validate(columns, pattern);
    return segments;
  } catch (const InputError& error) {
    if (error.subject() == subject) throw;
    value.fail(error.what(), "lengths that fit the instance and the pattern");
  }
}

void require_format(const JsonValue& root) {
  if (root.at("format").text() != kFormat) root.at("format").fail("is no solution", kFormat);
  const JsonValue version = root.at("version");
  if (version.integer(0, kMaxInt) != kVersion)
    version.fail("is of an unknown version", std::to_string(kVersion));
}

}  // namespace

std::string to_json(const Solution& solution) {
  const Result& result = solution.result;
  const Magnitude& magnitude = result.magnitude;
  const nlohmann::ordered_json document = {
      {"format", kFormat},
      {"version", kVersion},
      {"instance",
       {{"name", solution.instance_name},
        {"rows", solution.rows},
        {"columns", solution.columns},
        {"sha256", solution.sha256}}},
      {"pattern", solution.pattern.str()},
      {"segments", solution.segments.lengths()},
      {"permutation", result.permutation},
      {"magnitude",
       {{"total", magnitude.total},
        {"default", magnitude.default_kept},
        {"row_bound", magnitude.row_bound},
        {"kept", magnitude.kept}}},
      {"efficacy", value_or_null(solution.efficacy)},
      {"bound", bound_json(result.bound)},
      {"gap", value_or_null(result.gap)},
      {"status", to_string(result.status)},
      {"solver", result.solver},
      {"options",
       result.options.empty() ? nlohmann::ordered_json::object() : nlohmann::ordered_json(result.options)},
      {"seed", result.seed},
      {"threads", result.threads},
      {"seconds", result.seconds},
      {"trace", trace_json(result.trace)}};
  return one_line_each(document);
}

Solution parse_solution(const ByteSource& source) {
  const std::string& subject = source.name();
  if (source.size_bytes() > kMaxSolutionBytes) {
    throw InputError(subject, {}, std::to_string(source.size_bytes()) + " bytes are too many for a solution",
                     "at most " + std::to_string(kMaxSolutionBytes));
  }
  std::string text(static_cast<std::size_t>(source.size_bytes()), '\0');
  source.read(0, std::as_writable_bytes(std::span(text)));
  const nlohmann::json document = parse_json(text, subject);
  const JsonValue root(document, subject);
  require_format(root);
  const JsonValue instance = root.at("instance");
  const int columns = static_cast<int>(instance.at("columns").integer(1, kMaxInt));
  const Pattern pattern = pattern_of(root.at("pattern"));
  Solution solution{instance.at("name").text(),
                    static_cast<int>(instance.at("rows").integer(1, kMaxInt)),
                    columns,
                    sha256_text(instance.at("sha256")),
                    pattern,
                    segments_of(root.at("segments"), columns, pattern, subject),
                    number_or_null(root.at("efficacy")),
                    {}};
  Result& result = solution.result;
  result.permutation = integers(root.at("permutation"), 0);
  validate_permutation(result.permutation, solution.segments, subject);
  result.magnitude = magnitude_of(root.at("magnitude"));
  result.bound = bound_of(root.at("bound"));
  result.gap = number_or_null(root.at("gap"));
  result.status = status_of(root.at("status"));
  result.solver = root.at("solver").text();
  result.options = options_of(root.at("options"));
  result.seed = root.at("seed").unsigned_integer();
  result.threads = static_cast<int>(root.at("threads").integer(1, kMaxInt));
  result.seconds = nonnegative(root.at("seconds"));
  result.trace = trace_of(root.at("trace"));
  return solution;
}

}  // namespace nmperm
