#include "bench/library_solutions.h"

#include <map>
#include <utility>

#include "bench/results_file.h"
#include "core/error.h"
#include "instances/submission.h"

namespace nmperm {
namespace {

/// The best run of each instance of the library.
std::map<const LibraryInstance*, const ComparisonRun*> best_runs(const std::vector<ComparisonRun>& runs,
                                                                 const Library& library) {
  std::map<const LibraryInstance*, const ComparisonRun*> best;
  for (const ComparisonRun& run : runs) {
    if (!run.complete() || run.result.permutation.empty() || run.segments.size() > 1) continue;
    const LibraryInstance* const instance = library.find(run.rows, run.columns, run.sha256, run.pattern);
    if (instance == nullptr) continue;
    const auto [place, is_new] = best.try_emplace(instance, &run);
    if (!is_new && run.result.magnitude.kept > place->second->result.magnitude.kept) place->second = &run;
  }
  return best;
}

}  // namespace

std::vector<Solution> read_submissions(const std::string& path, const Library& library) {
  if (!is_results_file(path)) return {read_submission(path, library)};
  const std::vector<ComparisonRun> runs = read_results(path);
  std::vector<Solution> solutions;
  for (const auto& [instance, run] : best_runs(runs, library)) {
    Result result = run->result;
    result.bound.reset();
    result.gap.reset();
    result.status = Status::kFeasible;
    solutions.push_back(make_solution(run->instance, library.problem(*instance), std::move(result)));
  }
  if (solutions.empty())
    throw InputError(path, "runs", "no run has a permutation of an instance of the library", "one or more");
  return solutions;
}

}  // namespace nmperm
