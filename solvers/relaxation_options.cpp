#include "solvers/relaxation_options.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "formulations/subsets.h"
#include "heuristics/entropic_dive.h"
#include "solvers/backend_loader.h"

namespace nmperm {

std::vector<OptionRecord> relaxation_options() {
  return {OptionRecord::choice("backend", "whose linear-programming solver", backend_names().front(),
                               backend_names())};
}

Support relaxation_support(const Problem& problem) {
  constexpr double kMostGroups = 2e12;
  constexpr int kMostColumns = 65'535;  // types are 16-bit numbers
  for (const int length : problem.segments().lengths()) {
    const double groups = binomial(length, problem.pattern().group);
    if (groups <= kMostGroups && length <= kMostColumns) continue;
    return {fmt::format(
                "a segment of {} columns has {:.3g} groups of {}, more than the {:.3g} that can be priced "
                "exactly",
                length, groups, problem.pattern().group, kMostGroups),
            "entropic-dive, which follows the same relaxation without looking at all groups"};
  }
  return {};
}

void improve_start(Search& search) {
  constexpr double kShare = 0.1;  // of the time, at most
  constexpr int kColumns = 2048;  // that all dives together go through
  const auto& lengths = search.problem().segments().lengths();
  const int longest = *std::max_element(lengths.begin(), lengths.end());
  Limits limits;
  limits.iterations = std::clamp(kColumns / longest, 2, 16);
  limits.time_s = kShare * search.remaining_s();
  const EntropicDiveSolver dives;
  Options options(dives.info().name, dives.info().options, {});
  Search stage = search.stage(dives.info().name, std::move(options), limits, search.seed());
  dives.run(stage);
}

}  // namespace nmperm
