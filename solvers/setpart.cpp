#include "solvers/setpart.h"

#include <cstdint>
#include <utility>

#include "formulations/setpart.h"
#include "solvers/backend_loader.h"
#include "solvers/pair_improvement.h"
#include "solvers/segment_progress.h"
#include "solvers/solve_mip.h"

namespace nmperm {
namespace {

constexpr int kKicksPerColumn = 10;

// The segment's incumbent, improved, as a solution of its program.
std::vector<double> start_solution(const Search& search, int segment, const SetPartition& partition,
                                   SegmentProgress& progress) {
  const GroupValues& values = partition.values(0);
  const int first = search.problem().segments().begin(segment);
  const auto incumbent = progress.columns(segment);
  std::vector<int> division(incumbent.begin(), incumbent.end());
  for (int& column : division) column -= first;
  // The better the start, the more groups its value excludes before the first branch.
  const int kicks = kKicksPerColumn * static_cast<int>(division.size());
  improve_by_kicks(values, division, kicks, search.rng(static_cast<std::uint64_t>(segment)),
                   [&search] { return search.should_stop(); });
  const double kept = kept_of_grouping(values, division);
  for (int& column : division) column += first;
  progress.offer(segment, division, kept);
  return partition.solution(progress.columns(segment));
}

void solve_segment(const Search& search, const MipBackend& backend, int segment, SegmentProgress& progress) {
  const auto partition = SetPartition::build(search.problem(), segment, 1, search.threads(),
                                             [&search] { return search.should_stop(); });
  if (!partition) return;
  const double total = partition->values(0).total();
  MipRequest request;
  request.start = start_solution(search, segment, *partition, progress);
  request.time_limit_s = search.remaining_s() / (search.problem().segments().count() - segment);
  request.node_limit = search.limits().iterations;
  request.should_stop = [&search] { return search.should_stop(); };
  request.on_incumbent = [&](double pruned, const std::vector<double>& values) {
    progress.offer(segment, partition->permutation(values), total - pruned);
  };
  request.on_bound = [&](double pruned) { progress.offer_bound(segment, total - pruned); };
  solve_mip(backend, partition->program(), std::move(request));
}

}  // namespace

const SolverInfo& SetPartSolver::info() const {
  static const SolverInfo kInfo = {
      .name = "setpart",
      .summary = "set partitioning over all groups by a mixed-integer solver: exact, for up to 68 columns",
      .reference = "Mahajan, Hwu, Nagi, Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8",
      .exact = true,
      .iteration_unit = "branch-and-bound nodes of each segment",
      .options = {OptionRecord::choice("backend", "mixed-integer solver", backend_names().front(),
                                       backend_names())},
      .aliases = {"set-covering"}};
  return kInfo;
}

Support SetPartSolver::supports(const Problem& problem, const Options&) const {
  for (const int length : problem.segments().lengths()) {
    // Segments are solved one by one, so the longest decides.
    if (std::string refusal = SetPartition::refusal(Segments(length), problem.pattern()); !refusal.empty()) {
      return {std::move(refusal), SetPartition::kAdvice};
    }
  }
  return {};
}

void SetPartSolver::run(Search& search) const {
  const auto backend = load_backend(search.options().choice("backend"));
  SegmentProgress progress(search, info().name + " " + search.options().choice("backend"));
  for (int s = 0; s < search.problem().segments().count() && !search.should_stop(); ++s) {
    solve_segment(search, *backend, s, progress);
  }
}

}  // namespace nmperm
