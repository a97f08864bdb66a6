#include "bench/comparison.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/error.h"
#include "instances/fingerprint.h"
#include "instances/library.h"
#include "instances/load.h"
#include "instances/spec.h"
#include "solvers/default_solvers.h"

namespace nmperm {
namespace {

std::string now() {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

Pattern pattern_of(const std::string& instance, const Comparison& comparison) {
  if (comparison.pattern) return *comparison.pattern;
  const InstanceSpec spec = parse_instance_spec(instance);
  return spec.kind == InstanceSpec::Kind::kLibrary ? Library().find(spec.name).pattern : Pattern{};
}

Problem load_problem(const std::string& instance, const Comparison& comparison) {
  std::optional<Segments> segments;
  if (!comparison.segments.empty()) segments.emplace(comparison.segments);
  return Problem(load_instance(instance).scores, pattern_of(instance, comparison), std::move(segments));
}

/// The cells of one instance and preset: what they have in common.
ComparisonRun planned_run(const Problem& problem, const std::string& instance, const std::string& sha256,
                          const Preset& preset, const Comparison& comparison) {
  ComparisonRun run;
  run.instance = instance;
  run.sha256 = sha256;
  run.rows = problem.rows();
  run.columns = problem.columns();
  run.pattern = problem.pattern();
  run.segments = problem.segments().lengths();
  run.preset = preset;
  run.iteration_limit = comparison.iteration_limit;
  run.result.solver = preset.solver;
  run.result.threads = comparison.threads > 0 ? comparison.threads : this_machine().processors;
  run.program = "nmperm " NMPERM_VERSION;
  return run;
}

std::vector<std::optional<double>> time_limits_of(const Comparison& comparison) {
  if (comparison.time_limits_s.empty()) return {std::nullopt};
  return {comparison.time_limits_s.begin(), comparison.time_limits_s.end()};
}

/// Carries out a comparison cell by cell.
class Table {
 public:
  Table(const Comparison& comparison, const Runner& runner, const ComparisonObserver& observer)
      : comparison_(comparison), runner_(runner), observer_(observer) {}

  void run_instance(const std::string& name) {
    const Problem problem = load_problem(name, comparison_);
    const std::string sha256 = fingerprint(problem.scores());
    for (const Preset& preset : comparison_.presets) {
      for (const auto& time_limit : time_limits_of(comparison_)) {
        ComparisonRun planned = planned_run(problem, name, sha256, preset, comparison_);
        planned.time_limit_s = time_limit;
        run_seeds(problem, planned);
      }
    }
  }

  bool interrupted() const { return comparison_.interrupt != nullptr && comparison_.interrupt->load(); }

 private:
  void run_seeds(const Problem& problem, ComparisonRun planned) {
    const Solver& solver = find_solver(planned.preset.solver);
    const Options options(planned.preset.solver, solver.info().options, planned.preset.options);
    const Support support = solver.supports(problem, options);
    if (!support) planned.refusal = support.refusal + (support.advice.empty() ? "" : "; " + support.advice);
    const int seeds = support ? comparison_.seeds : 1;
    for (int seed = 0; seed < seeds && !interrupted(); ++seed) {
      planned.result.seed = static_cast<std::uint64_t>(seed);
      run_cell(problem, planned);
    }
  }

  void run_cell(const Problem& problem, ComparisonRun run) {
    if (observer_.skip && observer_.skip(run)) return;
    run.date = now();
    run.machine = this_machine();
    if (run.refusal.empty()) runner_(run, problem);
    if (interrupted()) return;  // the run was cut short: it would not compare
    if (observer_.done) observer_.done(run);
  }

  const Comparison& comparison_;
  const Runner& runner_;
  const ComparisonObserver& observer_;
};

}  // namespace

std::optional<double> ComparisonRun::efficacy_at(double seconds) const {
  double kept = result.magnitude.default_kept;
  for (const TracePoint& point : result.trace) {
    if (point.seconds <= seconds) kept = std::max(kept, point.kept);
  }
  return result.magnitude.efficacy_of(kept);
}

InstanceKey instance_key(const ComparisonRun& run) {
  return {run.instance, run.sha256, run.pattern.str(), run.segments};
}

bool same_cell(const ComparisonRun& a, const ComparisonRun& b) {
  const auto key = [](const ComparisonRun& run) {
    const bool refused = !run.refusal.empty();
    return std::tuple(run.instance, run.sha256, run.pattern.str(), run.segments, run.preset.label(),
                      run.time_limit_s, run.iteration_limit, run.program, refused ? 0 : run.result.seed,
                      refused ? 0 : run.result.threads);
  };
  return key(a) == key(b);
}

void run_comparison(const Comparison& comparison, const Runner& runner, const ComparisonObserver& observer) {
  for (const std::string& name : comparison.instances) (void)parse_instance_spec(name);
  Table table(comparison, runner, observer);
  for (const std::string& name : comparison.instances) {
    if (table.interrupted()) return;
    table.run_instance(name);
  }
}

}  // namespace nmperm
