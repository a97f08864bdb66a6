#include "bench/results_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <nlohmann/json.hpp>

#include "bench/machine.h"
#include "core/error.h"
#include "io/atomic_file.h"
#include "io/json.h"

namespace nmperm {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json magnitude_json(const Magnitude& magnitude) {
  return {{"total", magnitude.total},
          {"default", magnitude.default_kept},
          {"row_bound", magnitude.row_bound},
          {"kept", magnitude.kept}};
}

Json trace_json(const std::vector<TracePoint>& trace) {
  Json points = Json::array();
  for (const TracePoint& point : trace) {
    points.push_back({{"seconds", point.seconds},
                      {"kept", point.kept},
                      {"bound", or_null(point.bound)},
                      {"source", point.source}});
  }
  return points;
}

Json run_json(const ComparisonRun& run, const Machine& machine) {
  Json json = {{"instance", {{"name", run.instance}, {"rows", run.rows}, {"columns", run.columns}}},
               {"pattern", run.pattern.str()},
               {"solver", run.solver},
               {"time_limit", run.time_limit_s}};
  if (run.refusal.empty()) {
    const Result& result = run.result;
    json["options"] = result.options;
    json["seed"] = result.seed;
    json["threads"] = result.threads;
    json["magnitude"] = magnitude_json(result.magnitude);
    json["efficacy"] = or_null(result.magnitude.efficacy());
    json["bound"] =
        result.bound ? Json{{"kept", result.bound->kept}, {"method", result.bound->method}} : Json();
    json["gap"] = or_null(result.gap);
    json["status"] = to_string(result.status);
    json["seconds"] = result.seconds;
    json["trace"] = trace_json(result.trace);
  } else {
    json["refusal"] = run.refusal;
  }
  json["program"] = "nmperm " NMPERM_VERSION;
  json["machine"] = {{"processor", machine.processor},
                     {"processors", machine.processors},
                     {"instruction_set", machine.instruction_set},
                     {"compiler", machine.compiler}};
  return json;
}

/// The document at `path`, or a new one.
Json read_results(const std::string& path) {
  if (!std::filesystem::exists(path))
    return {{"format", "nmperm-results"}, {"version", 1}, {"runs", Json::array()}};
  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) throw InputError(path, {}, "cannot be read");
  const nlohmann::json checked = parse_json(text, path);
  const JsonValue root(checked, path);
  if (root.at("format").text() != "nmperm-results")
    root.at("format").fail("another format", "nmperm-results");
  root.at("version").integer(1, 1);
  (void)root.at("runs").array_size();
  return Json::parse(text);
}

}  // namespace

void add_to_results_file(const std::string& path, const std::vector<ComparisonRun>& runs) {
  Json document = read_results(path);
  const Machine machine = this_machine();
  for (const ComparisonRun& run : runs) document["runs"].push_back(run_json(run, machine));
  write_file(path, document.dump(1) + "\n");
}

void require_results_file(const std::string& path) {
  (void)read_results(path);
  require_writable(path);
}

}  // namespace nmperm
