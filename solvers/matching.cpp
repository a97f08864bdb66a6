#include "solvers/matching.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formulations/group_values.h"
#include "solvers/pair_improvement.h"
#include "solvers/perfect_matching.h"
#include "solvers/segment_progress.h"

namespace nmperm {
namespace {

double bytes_of(double columns) {
  return columns * (columns - 1) / 2 * MatchingSolver::kBytesPerEdge;
}

int most_columns() {
  int columns = 2;
  while (bytes_of(columns + 2) <= MatchingSolver::kMostBytes) columns += 2;
  return columns;
}

// What every pair of a segment's columns keeps, in units of `unit`, rounded to the nearest integer.
struct PairValues {
  EdgeWeights weights;
  double unit;
};

PairValues rounded(const GroupValues& values) {
  const double most = *std::max_element(values.kept(), values.kept() + values.count());
  // A power of two, so that nothing but the rounding to integers is lost.
  const double unit = most > 0 ? std::exp2(std::ceil(std::log2(most / kMostEdgeWeight))) : 1;
  PairValues pairs{{values.groups().elements(), std::vector<std::int64_t>(values.count())}, unit};
  // Pairs are numbered alike: the larger column decides, then the smaller.
  std::transform(values.kept(), values.kept() + values.count(), pairs.weights.weight.begin(),
                 [unit](double value) { return std::llround(value / unit); });
  return pairs;
}

// Never below the most that the columns keep: the proven bound plus all that was lost to rounding.
double bound_of(const PerfectMatching& matching, const PairValues& values, int rows) {
  const double pairs = 0.5 * values.weights.nodes;
  const double of_integers = 0.5 * values.unit * pairs;
  // Each kept value is a sum of `rows` terms in double, and their sum one of `pairs` terms.
  const double of_sums =
      matching.bound * values.unit * std::numeric_limits<double>::epsilon() * (rows + pairs + 4);
  return matching.bound * values.unit + of_integers + of_sums;
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
  // Something good to return if time runs out.
  std::vector<int> division = progress.division(segment);
  improve_pairs(*values, division, stop);
  offer(division);
  const PairValues pairs = rounded(*values);
  const auto matching = best_perfect_matching(pairs.weights, stop);
  if (!matching) return false;
  division.clear();
  for (int a = 0; a < columns; ++a) {
    const int b = matching->mate[static_cast<std::size_t>(a)];
    if (a < b) division.insert(division.end(), {a, b});
  }
  offer(division);
  progress.offer_bound(segment, bound_of(*matching, pairs, problem.rows()));
  return true;
}

}  // namespace

const SolverInfo& MatchingSolver::info() const {
  static const SolverInfo kInfo = {
      .name = "matching",
      .summary = "maximum-weight perfect matching of columns: exact at 1:2, for thousands of columns",
      .reference = "Edmonds, J. Res. NBS 69B, 1965, DOI 10.6028/jres.069B.013; LEMON",
      .exact = true,
      .iteration_unit = "segments",
      .options = {},
      .aliases = {}};
  return kInfo;
}

Support MatchingSolver::supports(const Problem& problem, const Options&) const {
  if (problem.pattern().group != 2) {
    return {fmt::format("groups of {} columns, and a matching makes pairs", problem.pattern().group),
            "the pattern 1:2; setpart proves optimality of small problems of any pattern, auto searches"};
  }
  const auto& lengths = problem.segments().lengths();
  const int longest = *std::max_element(lengths.begin(), lengths.end());
  if (bytes_of(longest) <= kMostBytes) return {};
  return {fmt::format("{:.3g} pairs of {} columns in one segment need {:.2g} GB; the limit is {:.2g} GB",
                      bytes_of(longest) / kBytesPerEdge, longest, bytes_of(longest) / 1e9, kMostBytes / 1e9),
          fmt::format("at most {} columns in a segment; annealed-assignment searches any number",
                      most_columns())};
}

void MatchingSolver::run(Search& search) const {
  SegmentProgress progress(search, info().name);
  const int segments = search.problem().segments().count();
  for (int s = 0; s < segments && s < search.limits().iterations; ++s) {
    if (!solve_segment(search, s, progress)) return;
  }
}

}  // namespace nmperm
