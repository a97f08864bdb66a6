// The two directions of the solution file's JSON side by side, so that a field is added to both.
#include <limits>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "instances/json_members.h"
#include "instances/solution.h"
#include "io/json.h"

namespace nmperm {
namespace {

constexpr char kFormat[] = "nmperm-solution";
constexpr char kKind[] = "solution";
constexpr char kDefaultCriterion[] = "magnitude";  // is not written
constexpr int kVersion = 1;
constexpr int kMaxInt = std::numeric_limits<int>::max();

nlohmann::ordered_json bound_json(const Solution& solution) {
  const std::optional<Bound>& bound = solution.result.bound;
  if (!bound) return nullptr;
  const std::string& file = solution.certificate_file;
  return {{"kept", bound->kept},
          {"method", bound->method},
          {"certificate", file.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(file)}};
}

std::optional<double> number_or_null(const JsonValue& value) {
  if (value.is_null()) return std::nullopt;
  return value.number();
}

/// The bound, and the name of its certificate.
std::pair<std::optional<Bound>, std::string> bound_of(const JsonValue& value) {
  if (value.is_null()) return {};
  Bound bound{nonnegative(value.at("kept")), value.at("method").text()};
  const JsonValue certificate = value.at("certificate");
  if (certificate.is_null()) return {std::move(bound), {}};
  std::string file = certificate.text();
  if (file.empty() || file.find('\0') != std::string::npos)
    certificate.fail("names no file", "null or a file name");
  return {std::move(bound), std::move(file)};
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

}  // namespace

std::string to_json(const Solution& solution) {
  const Result& result = solution.result;
  const Magnitude& magnitude = result.magnitude;
  nlohmann::ordered_json document = {{"format", kFormat},
                                     {"version", kVersion},
                                     {"instance",
                                      {{"name", solution.instance_name},
                                       {"rows", solution.rows},
                                       {"columns", solution.columns},
                                       {"sha256", solution.sha256}}},
                                     {"pattern", solution.pattern.str()},
                                     {"segments", solution.segments.lengths()},
                                     {"permutation", result.permutation},
                                     {"magnitude", magnitude_json(magnitude)},
                                     {"efficacy", or_null(solution.efficacy)},
                                     {"bound", bound_json(solution)},
                                     {"gap", or_null(result.gap)},
                                     {"status", to_string(result.status)},
                                     {"solver", result.solver},
                                     {"options", options_json(result.options)},
                                     {"seed", result.seed},
                                     {"threads", result.threads},
                                     {"seconds", result.seconds},
                                     {"trace", trace_json(result.trace)}};
  if (solution.criterion != kDefaultCriterion) {
    document["criterion"] = {{"name", solution.criterion},
                             {"options", options_json(solution.criterion_options)}};
  }
  return one_line_each(document);
}

Solution parse_solution(const ByteSource& source) {
  const std::string& subject = source.name();
  const nlohmann::json document = parse_json(json_text(source, kMaxSolutionBytes, kKind), subject);
  const JsonValue root(document, subject);
  require_format(root, kFormat, kVersion, kKind);
  const JsonValue instance = root.at("instance");
  const int columns = static_cast<int>(instance.at("columns").integer(1, kMaxInt));
  const Pattern pattern = pattern_of(root.at("pattern"));
  Solution solution{instance.at("name").text(),
                    static_cast<int>(instance.at("rows").integer(1, kMaxInt)),
                    columns,
                    sha256_of(instance.at("sha256")),
                    pattern,
                    segments_of(root.at("segments"), columns, pattern),
                    number_or_null(root.at("efficacy")),
                    kDefaultCriterion,
                    {},
                    {},
                    {}};
  if (root.object().contains("criterion")) {
    const JsonValue criterion = root.at("criterion");
    solution.criterion = criterion.at("name").text();
    solution.criterion_options = options_of(criterion.at("options"));
  }
  Result& result = solution.result;
  result.permutation = integers(root.at("permutation"), 0);
  validate_permutation(result.permutation, solution.segments, subject);
  result.magnitude = magnitude_of(root.at("magnitude"));
  std::tie(result.bound, solution.certificate_file) = bound_of(root.at("bound"));
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
