// Runs of several solvers over several instances and seeds, side by side.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/pattern.h"
#include "core/result.h"

namespace nmperm {

/// What is to be run: every solver on every instance with seeds 0 .. seeds - 1.
struct Comparison {
  std::vector<std::string> instances;  ///< as load_instance() takes them
  std::vector<std::string> solvers;    ///< names of default_solvers()
  Pattern pattern;
  double time_limit_s = 10;
  int seeds = 1;
  int threads = 0;                               ///< 0: all processors
  const std::atomic<bool>* interrupt = nullptr;  ///< ends the comparison after the present run; may be null
};

/// One run, or why there was none.
struct ComparisonRun {
  std::string instance;
  int rows = 0, columns = 0;
  Pattern pattern;
  std::string solver;
  double time_limit_s = 0;
  Result result;
  std::string refusal;  ///< empty where the solver ran

  /// Efficacy reached after some seconds, from the trace; null where there is none (default = row bound).
  std::optional<double> efficacy_at(double seconds) const;
};

/// Runs everything, one run after the other, instance by instance; `on_run` hears of each as it ends. A
/// solver that does not take an instance is noted as a refusal. Throws InputError on an unknown solver before
/// anything runs, and on an instance that cannot be read.
std::vector<ComparisonRun> run_comparison(const Comparison& comparison,
                                          const std::function<void(const ComparisonRun&)>& on_run);

/// A table for a reader: for every instance and solver the mean efficacy over seeds after 0.01 s, 0.1 s, 1 s
/// ... and at the end, and its spread at the end.
std::string comparison_table(const std::vector<ComparisonRun>& runs);

}  // namespace nmperm
