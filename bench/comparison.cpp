#include "bench/comparison.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "instances/load.h"
#include "solvers/default_solvers.h"

namespace nmperm {
namespace {

ComparisonRun run_one(const Problem& problem, const std::string& instance, const Solver& solver,
                      const Comparison& comparison, int seed) {
  ComparisonRun run;
  run.instance = instance;
  run.rows = problem.rows();
  run.columns = problem.columns();
  run.pattern = problem.pattern();
  run.solver = solver.info().name;
  run.time_limit_s = comparison.time_limit_s;
  SolveParameters parameters;
  parameters.limits.time_s = comparison.time_limit_s;
  parameters.seed = static_cast<std::uint64_t>(seed);
  parameters.threads = comparison.threads;
  parameters.interrupt = comparison.interrupt;
  try {
    run.result = solver.solve(problem, parameters);
  } catch (const UnsupportedError& error) {
    run.refusal = error.what();
  }
  return run;
}

}  // namespace

std::optional<double> ComparisonRun::efficacy_at(double seconds) const {
  double kept = result.magnitude.default_kept;
  for (const TracePoint& point : result.trace) {
    if (point.seconds <= seconds) kept = std::max(kept, point.kept);
  }
  return result.magnitude.efficacy_of(kept);
}

std::vector<ComparisonRun> run_comparison(const Comparison& comparison,
                                          const std::function<void(const ComparisonRun&)>& on_run) {
  std::vector<const Solver*> solvers;
  for (const std::string& name : comparison.solvers) solvers.push_back(&find_solver(name));
  const auto interrupted = [&] { return comparison.interrupt != nullptr && comparison.interrupt->load(); };
  std::vector<ComparisonRun> runs;
  for (const std::string& name : comparison.instances) {
    const Problem problem(load_instance(name).scores, comparison.pattern);
    for (const Solver* solver : solvers) {
      for (int seed = 0; seed < comparison.seeds; ++seed) {
        ComparisonRun run = run_one(problem, name, *solver, comparison, seed);
        if (interrupted()) return runs;  // the run was cut short: it would not compare
        on_run(run);
        const bool refused = !run.refusal.empty();
        runs.push_back(std::move(run));
        if (refused) break;  // whatever the seed
      }
    }
  }
  return runs;
}

namespace {

/// The runs of one row of the table: one instance and solver.
using Row = std::vector<const ComparisonRun*>;

std::vector<Row> rows_of(const std::vector<ComparisonRun>& runs) {
  std::vector<Row> rows;
  for (const ComparisonRun& run : runs) {
    const auto same = [&](const Row& row) {
      return row.front()->instance == run.instance && row.front()->solver == run.solver;
    };
    const auto row = std::find_if(rows.begin(), rows.end(), same);
    if (row == rows.end()) {
      rows.push_back({&run});
    } else {
      row->push_back(&run);
    }
  }
  return rows;
}

std::string row_text(const Row& row, const std::vector<double>& times) {
  std::string line = fmt::format("{:28} {:20}", row.front()->instance, row.front()->solver);
  if (!row.front()->refusal.empty()) return line + "  refused: " + row.front()->refusal + "\n";
  for (const double seconds : times) {
    double sum = 0;
    for (const ComparisonRun* run : row) sum += run->efficacy_at(seconds).value_or(0);
    line += fmt::format(" {:8.3f}", sum / static_cast<double>(row.size()));
  }
  std::vector<double> last;
  for (const ComparisonRun* run : row) last.push_back(run->result.magnitude.efficacy().value_or(0));
  const auto [least, most] = std::minmax_element(last.begin(), last.end());
  double mean = 0;
  for (const double efficacy : last) mean += efficacy / static_cast<double>(last.size());
  const auto optimal = std::count_if(row.begin(), row.end(), [](const ComparisonRun* run) {
    return run->result.status == Status::kOptimal;
  });
  return line + fmt::format(" {:8.3f} {:8.3f} {:8.3f} {:5} {:7}\n", mean, *least, *most, row.size(), optimal);
}

}  // namespace

std::string comparison_table(const std::vector<ComparisonRun>& runs) {
  if (runs.empty()) return {};
  std::vector<double> times;
  for (double seconds = 0.01; seconds < 0.99 * runs.front().time_limit_s; seconds *= 10)
    times.push_back(seconds);
  std::string text = fmt::format("{:28} {:20}", "efficacy, mean over seeds", "solver");
  for (const double seconds : times) text += fmt::format(" {:>6g} s", seconds);
  text += fmt::format(" {:>8} {:>8} {:>8} {:>5} {:>7}\n", "end", "least", "most", "seeds", "optimal");
  for (const Row& row : rows_of(runs)) text += row_text(row, times);
  return text;
}

}  // namespace nmperm
