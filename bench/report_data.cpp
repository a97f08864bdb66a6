#include "bench/report_data.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/error.h"
#include "instances/fingerprint.h"
#include "instances/load.h"
#include "io/json.h"

namespace nmperm {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kHeatMapCells = 40;

/// Runs that are of the same series have equal keys.
auto series_key(const ComparisonRun& run) {
  return std::tuple(run.preset.label(), run.time_limit_s, run.iteration_limit);
}

/// The place of `run` among the groups that `key` makes; `firsts` has the first run of each.
template <typename Key>
std::size_t place_of(const ComparisonRun& run, std::vector<const ComparisonRun*>& firsts, Key key) {
  const auto same = [&](const ComparisonRun* first) { return key(*first) == key(run); };
  const auto place = std::find_if(firsts.begin(), firsts.end(), same);
  if (place != firsts.end()) return static_cast<std::size_t>(place - firsts.begin());
  firsts.push_back(&run);
  return firsts.size() - 1;
}

Json known_json(const BestKnown* known) {
  if (known == nullptr) return nullptr;
  return {{"name", known->name},
          {"kept", known->magnitude.kept},
          {"solver", known->credit.solver},
          {"date", known->credit.date},
          {"bound", known->bound ? Json(known->bound->kept) : Json()},
          {"boundMethod", known->bound ? known->bound->method : ""}};
}

Json instance_json(const ComparisonRun& run, const BestKnown* known) {
  return {{"name", run.instance},         {"rows", run.rows},          {"columns", run.columns},
          {"pattern", run.pattern.str()}, {"total", nullptr},          {"default", nullptr},
          {"rowBound", nullptr},          {"known", known_json(known)}};
}

void add_magnitudes(Json& instance, const Magnitude& magnitude) {
  instance["total"] = magnitude.total;
  instance["default"] = magnitude.default_kept;
  instance["rowBound"] = magnitude.row_bound;
}

/// "auto", or "auto, 10 s" where the same preset was run under several limits.
Json series_json(const ComparisonRun& run, const std::vector<const ComparisonRun*>& all) {
  std::string label = run.preset.label();
  const auto same_preset = [&](const ComparisonRun* other) { return other->preset == run.preset; };
  if (std::count_if(all.begin(), all.end(), same_preset) > 1) {
    if (run.time_limit_s) label += fmt::format(", {:g} s", *run.time_limit_s);
    if (run.iteration_limit) label += fmt::format(", {} iterations", *run.iteration_limit);
  }
  return {{"label", label}, {"timeLimit", or_null(run.time_limit_s)}};
}

/// Improvements of one hundredth of their time are one: the last of them.
Json trace_json(const std::vector<TracePoint>& trace) {
  const auto moment = [](const TracePoint& point) {
    return std::floor(std::log(std::max(point.seconds, 1e-9)) / std::log(1.01));
  };
  std::vector<const TracePoint*> points;
  for (const TracePoint& point : trace) {
    if (!points.empty() && point.kept <= points.back()->kept) continue;
    if (points.size() > 1 && moment(point) == moment(*points.back())) points.pop_back();
    points.push_back(&point);
  }
  Json seconds = Json::array(), kept = Json::array();
  for (const TracePoint* point : points) {
    seconds.push_back(point->seconds);
    kept.push_back(point->kept);
  }
  return {{"seconds", seconds}, {"kept", kept}};
}

Json run_data(const ComparisonRun& run, std::size_t instance, std::size_t series) {
  const Result& result = run.result;
  Json json = {{"instance", instance}, {"series", series}, {"seed", result.seed}};
  if (!run.refusal.empty()) {
    json["refusal"] = run.refusal;
  } else if (!run.failure.empty()) {
    json["failure"] = run.failure;
  } else {
    json["kept"] = result.magnitude.kept;
    json["efficacy"] = or_null(result.magnitude.efficacy());
    json["bound"] = result.bound ? Json(result.bound->kept) : Json();
    json["boundMethod"] = result.bound ? result.bound->method : "";
    json["gap"] = or_null(result.gap);
    json["status"] = to_string(result.status);
    json["seconds"] = result.seconds;
    json["trace"] = trace_json(result.trace);
  }
  return json;
}

auto machine_key(const ComparisonRun& run) {
  const Machine& machine = run.machine;
  return std::tuple(run.program, machine.processor, machine.processors, machine.instruction_set,
                    machine.compiler, machine.system, machine.memory_bytes);
}

Json load_json(std::vector<double> loads) {
  if (loads.empty()) return nullptr;
  std::sort(loads.begin(), loads.end());
  return {{"least", loads.front()}, {"median", loads[loads.size() / 2]}, {"most", loads.back()}};
}

/// One machine and program: what is common to its runs, and what they span.
Json machine_json(const ComparisonRun& first, const std::vector<ComparisonRun>& runs) {
  std::set<int> threads;
  std::set<std::string> dates;
  std::vector<double> loads;
  std::size_t count = 0;
  for (const ComparisonRun& run : runs) {
    if (machine_key(run) != machine_key(first)) continue;
    ++count;
    if (run.refusal.empty()) threads.insert(run.result.threads);
    if (!run.date.empty()) dates.insert(run.date);
    if (run.machine.load_average) loads.push_back(*run.machine.load_average);
  }
  Json span = Json::array();
  if (!dates.empty()) span.push_back(*dates.begin());
  if (dates.size() > 1) span.push_back(*dates.rbegin());
  const Machine& machine = first.machine;
  return {{"program", first.program},
          {"runs", count},
          {"dates", span},
          {"processor", machine.processor},
          {"processors", machine.processors},
          {"instructionSet", machine.instruction_set},
          {"compiler", machine.compiler},
          {"system", machine.system},
          {"memoryBytes", machine.memory_bytes},
          {"threads", threads},
          {"load", load_json(std::move(loads))}};
}

Json heat_map_json(const HeatMapPair& pair, const std::vector<const ComparisonRun*>& instances) {
  std::size_t instance = 0;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (instances[i]->instance == pair.instance && instances[i]->sha256 == pair.sha256 &&
        instances[i]->pattern == pair.pattern)
      instance = i;
  }
  double least = 1, most = 0;
  for (const HeatMap* map : {&pair.before, &pair.after}) {
    for (const auto& row : *map) {
      const auto [low, high] = std::minmax_element(row.begin(), row.end());
      least = std::min(least, *low);
      most = std::max(most, *high);
    }
  }
  return {{"instance", instance},
          {"least", least},
          {"most", most},
          {"keptBefore", pair.kept_before},
          {"keptAfter", pair.kept_after},
          {"before", pair.before},
          {"after", pair.after}};
}

/// The run of the instance of `run` that kept most and tells its permutation; null where there is none.
const ComparisonRun* best_of(const std::vector<ComparisonRun>& runs, const ComparisonRun& of) {
  const ComparisonRun* best = nullptr;
  for (const ComparisonRun& run : runs) {
    if (!run.complete() || run.result.permutation.empty() || run.sha256.empty()) continue;
    if (instance_key(run) != instance_key(of)) continue;
    if (best == nullptr || run.result.magnitude.kept > best->result.magnitude.kept) best = &run;
  }
  return best;
}

std::optional<HeatMapPair> pair_of(const ComparisonRun& run) {
  Instance instance = load_instance(run.instance);
  if (fingerprint(instance.scores) != run.sha256) return std::nullopt;
  const Problem problem(std::move(instance.scores), run.pattern, Segments(run.segments));
  HeatMapPair pair{run.instance, run.sha256, run.pattern, {}, {}, 0, 0};
  pair.before = kept_shares(problem, identity_permutation(problem.columns()), kHeatMapCells);
  pair.after = kept_shares(problem, run.result.permutation, kHeatMapCells);
  pair.kept_before = problem.magnitude().default_kept;
  pair.kept_after = problem.evaluate(run.result.permutation).kept;
  return pair;
}

}  // namespace

std::optional<HeatMapPair> heat_map_of(const std::vector<ComparisonRun>& runs, const std::string& instance,
                                       std::string& note) {
  bool named = false;
  for (const ComparisonRun& run : runs) {
    if (!instance.empty() && run.instance != instance) continue;
    named = true;
    const ComparisonRun* const best = best_of(runs, run);
    if (best == nullptr || !(best->result.magnitude.kept > best->result.magnitude.default_kept)) continue;
    try {
      auto pair = pair_of(*best);
      if (!pair) continue;
      note = fmt::format(
          "The share of the magnitude that {} keeps in {}: each cell is a block of rows and of "
          "groups, groups that keep most stand on the left; brighter is more. {}, seed {}.",
          run.pattern.str(), run.instance, best->preset.label(), best->result.seed);
      return pair;
    } catch (const InputError&) {
      continue;  // the matrix is not on this machine: the next one may be
    }
  }
  if (!instance.empty() && !named)
    throw InputError("--instance", {}, "'" + instance + "' is in no run",
                     "the name of an instance of the results");
  note = "None is shown: no run of this file tells its permutation for a matrix that could be read again.";
  return std::nullopt;
}

nlohmann::ordered_json report_data(const std::vector<ComparisonRun>& runs, const KnownValues& known,
                                   const std::string& title, const std::optional<HeatMapPair>& heat_map,
                                   const std::string& heat_map_note) {
  std::vector<const ComparisonRun*> instances, series, machines;
  Json run_list = Json::array(), instance_list = Json::array(), series_list = Json::array(),
       machine_list = Json::array();
  for (const ComparisonRun& run : runs) {
    const std::size_t instance = place_of(run, instances, instance_key);
    if (instance == instance_list.size()) instance_list.push_back(instance_json(run, known.find(run)));
    if (run.complete()) add_magnitudes(instance_list[instance], run.result.magnitude);
    run_list.push_back(run_data(run, instance, place_of(run, series, series_key)));
    (void)place_of(run, machines, machine_key);
  }
  for (const ComparisonRun* first : series) series_list.push_back(series_json(*first, series));
  for (const ComparisonRun* first : machines) machine_list.push_back(machine_json(*first, runs));
  return {{"title", title},
          {"instances", instance_list},
          {"series", series_list},
          {"runs", run_list},
          {"machines", machine_list},
          {"heatMap", heat_map ? heat_map_json(*heat_map, instances) : Json()},
          {"heatMapNote", heat_map_note}};
}

}  // namespace nmperm
