// What a report shows, as the JSON that its scripts read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/comparison.h"
#include "bench/heat_map.h"
#include "bench/known_values.h"

namespace nmperm {

/// One matrix before and after the best permutation of a results file.
struct HeatMapPair {
  std::string instance, sha256;
  Pattern pattern;
  HeatMap before, after;
  double kept_before = 0, kept_after = 0;
};

/// The pair of the instance of this name, or (where it is empty) of the first one whose scores can be read
/// and that a run with a permutation improved. Null where there is none; `note` says then why, else what is
/// shown. Throws InputError when a name is given that is not among the runs.
std::optional<HeatMapPair> heat_map_of(const std::vector<ComparisonRun>& runs, const std::string& instance,
                                       std::string& note);

/// {title, instances: [{name, rows, columns, pattern, total, default, rowBound, known: null or {name, kept,
/// solver, date, bound, boundMethod} of the library}], series: [{label, timeLimit}], runs: [{instance,
/// series, seed, kept, efficacy, bound, boundMethod, gap, status, seconds, trace: {seconds: [], kept: []}} or
/// {instance, series, seed, refusal} or {..., failure}], machines:
/// [{program, runs, dates, processor, processors, instructionSet, compiler, system, memoryBytes, threads,
/// load}], heatMap, heatMapNote}
///
/// Instances are told apart by name, scores, pattern and segments; a series is a preset with its limits,
/// which its label names where the runs differ in them. Figures are those of the runs, with all digits;
/// traces leave out improvements that another one follows within 1 % of the time.
nlohmann::ordered_json report_data(const std::vector<ComparisonRun>& runs, const KnownValues& known,
                                   const std::string& title, const std::optional<HeatMapPair>& heat_map,
                                   const std::string& heat_map_note);

}  // namespace nmperm
