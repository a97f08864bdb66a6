#include "bench/run_json.h"

#include <limits>
#include <utility>

#include "core/error.h"
#include "core/permutation.h"
#include "instances/json_members.h"
#include "io/json.h"

namespace nmperm {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxInt = std::numeric_limits<int>::max();

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

bool has(const JsonValue& value, const std::string& key) {
  return value.object().contains(key) && !value.at(key).is_null();
}

std::string text_or_empty(const JsonValue& value, const std::string& key) {
  return has(value, key) ? value.at(key).text() : std::string{};
}

OptionValues options_of(const JsonValue& value) {
  OptionValues options;
  for (const auto& member : value.object().items()) options[member.key()] = value.at(member.key()).text();
  return options;
}

std::vector<TracePoint> trace_of(const JsonValue& array) {
  std::vector<TracePoint> trace(array.array_size());
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const JsonValue point = array.at(i);
    trace[i].seconds = nonnegative(point.at("seconds"));
    trace[i].kept = nonnegative(point.at("kept"));
    if (has(point, "bound")) trace[i].bound = nonnegative(point.at("bound"));
    trace[i].source = text_or_empty(point, "source");
  }
  return trace;
}

Json result_json(const Result& result) {
  const Magnitude& magnitude = result.magnitude;
  return {
      {"options", options_json(result.options)},
      {"seed", result.seed},
      {"threads", result.threads},
      {"permutation", result.permutation},
      {"magnitude", magnitude_json(magnitude)},
      {"efficacy", or_null(magnitude.efficacy())},
      {"bound", result.bound ? Json{{"kept", result.bound->kept}, {"method", result.bound->method}} : Json()},
      {"gap", or_null(result.gap)},
      {"status", to_string(result.status)},
      {"seconds", result.seconds},
      {"trace", trace_json(result.trace)}};
}

/// Figures of a run that was complete.
void read_result(const JsonValue& value, Result& result) {
  result.magnitude = magnitude_of(value.at("magnitude"));
  result.options = options_of(value.at("options"));
  if (has(value, "permutation")) result.permutation = integers(value.at("permutation"), 0);
  if (has(value, "bound")) {
    const JsonValue bound = value.at("bound");
    result.bound = Bound{nonnegative(bound.at("kept")), bound.at("method").text()};
  }
  if (has(value, "gap")) result.gap = nonnegative(value.at("gap"));
  result.status = status_of(value.at("status"));
  result.seconds = nonnegative(value.at("seconds"));
  result.trace = trace_of(value.at("trace"));
}

Json machine_json(const Machine& machine) {
  return {{"processor", machine.processor},
          {"processors", machine.processors},
          {"instruction_set", machine.instruction_set},
          {"compiler", machine.compiler},
          {"system", machine.system},
          {"memory_bytes", machine.memory_bytes},
          {"load_average", or_null(machine.load_average)}};
}

Machine machine_of(const JsonValue& value) {
  Machine machine;
  machine.processor = value.at("processor").text();
  machine.processors = static_cast<int>(value.at("processors").integer(1, kMaxInt));
  machine.instruction_set = value.at("instruction_set").text();
  machine.compiler = value.at("compiler").text();
  machine.system = text_or_empty(value, "system");
  if (has(value, "memory_bytes")) machine.memory_bytes = value.at("memory_bytes").unsigned_integer();
  if (has(value, "load_average")) machine.load_average = nonnegative(value.at("load_average"));
  return machine;
}

/// What was asked for.
ComparisonRun planned_of(const JsonValue& value) {
  ComparisonRun run;
  const JsonValue instance = value.at("instance");
  run.instance = instance.at("name").text();
  if (has(instance, "sha256")) run.sha256 = sha256_of(instance.at("sha256"));
  run.rows = static_cast<int>(instance.at("rows").integer(1, kMaxInt));
  run.columns = static_cast<int>(instance.at("columns").integer(1, kMaxInt));
  run.pattern = pattern_of(value.at("pattern"));
  if (has(value, "segments"))
    run.segments = segments_of(value.at("segments"), run.columns, run.pattern).lengths();
  run.preset.solver = value.at("solver").text();
  if (has(value, "preset_options")) run.preset.options = options_of(value.at("preset_options"));
  if (has(value, "time_limit")) run.time_limit_s = nonnegative(value.at("time_limit"));
  if (has(value, "iteration_limit"))
    run.iteration_limit = value.at("iteration_limit").integer(0, std::numeric_limits<std::int64_t>::max());
  run.result.solver = run.preset.solver;
  run.program = value.at("program").text();
  run.date = text_or_empty(value, "date");
  run.machine = machine_of(value.at("machine"));
  return run;
}

}  // namespace

nlohmann::ordered_json run_json(const ComparisonRun& run) {
  Json json = {{"instance",
                {{"name", run.instance},
                 {"rows", run.rows},
                 {"columns", run.columns},
                 {"sha256", text_or_null(run.sha256)}}},
               {"pattern", run.pattern.str()},
               {"segments", run.segments},
               {"solver", run.preset.solver},
               {"preset_options", options_json(run.preset.options)},
               {"time_limit", or_null(run.time_limit_s)},
               {"iteration_limit", or_null(run.iteration_limit)}};
  if (!run.refusal.empty()) {
    json["refusal"] = run.refusal;
  } else if (!run.failure.empty()) {
    json["seed"] = run.result.seed;
    json["threads"] = run.result.threads;
    json["failure"] = run.failure;
  } else {
    json.update(result_json(run.result));
  }
  json["program"] = run.program;
  json["date"] = run.date;
  json["machine"] = machine_json(run.machine);
  return json;
}

ComparisonRun run_of_json(const JsonValue& value) {
  ComparisonRun run = planned_of(value);
  run.refusal = text_or_empty(value, "refusal");
  if (!run.refusal.empty()) return run;
  run.result.seed = value.at("seed").unsigned_integer();
  run.result.threads = static_cast<int>(value.at("threads").integer(1, kMaxInt));
  run.failure = text_or_empty(value, "failure");
  if (!run.failure.empty()) return run;
  read_result(value, run.result);
  if (!run.result.permutation.empty()) {
    const Segments segments = run.segments.empty() ? Segments(run.columns) : Segments(run.segments);
    const JsonValue permutation = value.at("permutation");
    try {
      validate_permutation(run.result.permutation, segments, "permutation");
    } catch (const InputError& error) {
      permutation.fail(error.what(), "a permutation of the columns within their segments");
    }
  }
  return run;
}

}  // namespace nmperm
