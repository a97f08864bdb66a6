#include "solvers/exhaustive.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formulations/group_values.h"
#include "solvers/pair_improvement.h"
#include "solvers/segment_progress.h"
#include "solvers/subset_program.h"

namespace nmperm {
namespace {

int longest_supported(int group) {
  int columns = group;
  while (subset_program_bytes(columns + group, group) <= ExhaustiveSolver::kMostBytes) columns += group;
  return columns;
}

// False when the search was stopped before this segment's optimum was proven.
bool solve_segment(const Search& search, int segment, SegmentProgress& progress) {
  const auto stop = [&search] { return search.should_stop(); };
  const Problem& problem = search.problem();
  const int first = problem.segments().begin(segment), columns = problem.segments().length(segment);
  const auto values = GroupValues::compute(problem.search_scores(), problem.pattern(), first, columns,
                                           search.threads(), stop);
  if (!values) return false;
  const auto offer = [&](std::vector<int> division) {
    const double kept = kept_of_grouping(*values, division);
    progress.offer_division(segment, std::move(division), kept);
  };
  // Something good to return if time runs out, the better the longer the proof takes.
  constexpr int kQuickColumns = 24, kKicksPerColumn = 10;
  std::vector<int> division = progress.division(segment);
  improve_by_kicks(*values, division, columns > kQuickColumns ? kKicksPerColumn * columns : 0,
                   search.rng(static_cast<std::uint64_t>(segment)), stop);
  offer(std::move(division));
  auto best = best_division(*values, search.threads(), stop);
  if (!best) return false;
  offer(*std::move(best));
  return true;
}

}  // namespace

const SolverInfo& ExhaustiveSolver::info() const {
  static const SolverInfo kInfo = {
      .name = "exhaustive",
      .summary = "dynamic programming over subsets of columns: exact, for segments of up to about 28 columns",
      .reference = "Held & Karp, J. SIAM 10(1), 1962, DOI 10.1137/0110015",
      .exact = true,
      .iteration_unit = "subsets of columns rated",
      .options = {},
      .aliases = {}};
  return kInfo;
}

Support ExhaustiveSolver::supports(const Problem& problem, const Options&) const {
  const auto& lengths = problem.segments().lengths();
  const int longest = *std::max_element(lengths.begin(), lengths.end());
  const int group = problem.pattern().group;
  const double bytes = subset_program_bytes(longest, group);
  if (bytes <= kMostBytes) return {};
  return {fmt::format("{} columns in one segment need {:.2g} GB for their subsets; the limit is {:.2g} GB",
                      longest, bytes / 1e9, kMostBytes / 1e9),
          fmt::format("at most {} columns in a segment at {}; setpart proves optimality of somewhat more, "
                      "annealing and stripe-groups search any number",
                      longest_supported(group), problem.pattern().str())};
}

void ExhaustiveSolver::run(Search& search) const {
  SegmentProgress progress(search, info().name);
  double rated = 0;
  for (int s = 0; s < search.problem().segments().count(); ++s) {
    const int length = search.problem().segments().length(s);
    rated += subset_program_states(length, search.problem().pattern().group);
    if (rated > static_cast<double>(search.limits().iterations)) return;
    if (!solve_segment(search, s, progress)) return;
    progress.offer_bound(s, progress.kept(s));
  }
  search.report_optimal(info().name);
}

}  // namespace nmperm
