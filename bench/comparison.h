// Runs of several solvers over several instances and seeds, side by side.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bench/machine.h"
#include "bench/preset.h"
#include "core/pattern.h"
#include "core/problem.h"
#include "core/result.h"

namespace nmperm {

/// What is to be run: every preset on every instance, for every time limit, with seeds 0 .. seeds - 1.
struct Comparison {
  std::vector<std::string> instances;  ///< as load_instance() takes them
  std::vector<Preset> presets;
  std::optional<Pattern> pattern;               ///< null: the library's for its instances, 2:4 for others
  std::vector<int> segments;                    ///< lengths; empty: one block of all columns
  std::vector<double> time_limits_s = {10};     ///< of each run; empty: no clock
  std::optional<std::int64_t> iteration_limit;  ///< unit: the solver's
  int seeds = 1;
  int threads = 0;  ///< 0: all processors
  const std::atomic<bool>* interrupt =
      nullptr;  ///< ends the comparison; the present run is dropped; may be null
};

/// One cell of a comparison: what was to be done, and what came of it. Exactly one of a result, a refusal and
/// a failure.
struct ComparisonRun {
  std::string instance;
  std::string sha256;  ///< fingerprint() of the scores; empty where an old results file has none
  int rows = 0, columns = 0;
  Pattern pattern;
  std::vector<int> segments;  ///< lengths; empty where an old results file has none
  Preset preset;
  std::optional<double> time_limit_s;
  std::optional<std::int64_t> iteration_limit;
  Result result;        ///< where there is none, its seed and threads are those that were asked for
  std::string refusal;  ///< why the solver does not take the instance
  std::string failure;  ///< how the run broke down
  std::string program;  ///< "nmperm 0.1.0"
  std::string date;     ///< when it began: UTC, ISO 8601; empty where an old results file has none
  Machine machine;

  bool complete() const { return refusal.empty() && failure.empty(); }
  /// Efficacy reached after some seconds, from the trace; null where there is none (default = row bound).
  std::optional<double> efficacy_at(double seconds) const;
};

/// Runs that are of the same instance have equal keys: name, scores, pattern, lengths of segments.
using InstanceKey = std::tuple<std::string, std::string, std::string, std::vector<int>>;
InstanceKey instance_key(const ComparisonRun& run);

/// Whether both are the same cell: instance and its scores, pattern, segments, preset, limits, seed, threads
/// and program. For a refusal, which no seed changes, seed and threads do not count.
bool same_cell(const ComparisonRun& a, const ComparisonRun& b);

/// Does one run: fills in its result, or its failure.
using Runner = std::function<void(ComparisonRun& run, const Problem& problem)>;

/// What a caller hears of a comparison, and decides in it. Both may be empty.
struct ComparisonObserver {
  std::function<bool(const ComparisonRun& planned)> skip;  ///< true: the cell is left out
  std::function<void(const ComparisonRun& run)> done;      ///< called after every run
};

/// Runs everything, one run after the other, instance by instance. A solver that does not take an instance is
/// noted as a refusal. An interrupted run is dropped. Throws InputError on an instance whose name is wrong
/// before anything runs, and on an instance that cannot be read when its turn comes.
void run_comparison(const Comparison& comparison, const Runner& runner, const ComparisonObserver& observer);

}  // namespace nmperm
