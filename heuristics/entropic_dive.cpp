#include "heuristics/entropic_dive.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "heuristics/kept.h"
#include "heuristics/partition_dive.h"

namespace nmperm {

const SolverInfo& EntropicDiveSolver::info() const {
  static const SolverInfo info{
      "entropic-dive",
      "column generation with entropic prices, replacement pricing and diving",
      "this project: docs/entropic-dive.md",
      false,
      "dives",
      {OptionRecord::real("initial-temperature", "", 0.1, 1e-6, 10),
       OptionRecord::real("final-temperature", "", 0.02, 1e-6, 10),
       OptionRecord::real("restart-temperature", "", 0.02, 1e-6, 10),
       OptionRecord::real("fix-fraction", "", 0.03, 0.001, 1),
       OptionRecord::integer("per-slot", "", 4, 1, 1000), OptionRecord::integer("deep-bases", "", 4, 0, 1000),
       OptionRecord::real("margin", "", 0.05, 0, 1000), OptionRecord::integer("deep-rounds", "", 3, 0, 1000)},
      {}};
  return info;
}

void EntropicDiveSolver::run(Search& search) const {
  const Problem& problem = search.problem();
  const Segments& segments = problem.segments();
  DiveParameters parameters;
  parameters.initial_temperature = search.options().real("initial-temperature");
  parameters.final_temperature = search.options().real("final-temperature");
  parameters.restart_temperature = search.options().real("restart-temperature");
  parameters.fix_fraction = search.options().real("fix-fraction");
  parameters.per_slot = static_cast<int>(search.options().integer("per-slot"));
  parameters.deep_rounds = static_cast<int>(search.options().integer("deep-rounds"));
  parameters.deep_bases = static_cast<std::size_t>(search.options().integer("deep-bases"));
  parameters.margin = search.options().real("margin");
  parameters.sweeps = static_cast<int>(search.options().integer("sweeps"));
  parameters.slow = search.options().real("slow");
  Permutation permutation = search.start();
  std::vector<std::unique_ptr<PartitionDive>> dives;
  for (int s = 0; s < segments.count(); ++s) {
    const std::vector<int> columns(permutation.begin() + segments.begin(s),
                                   permutation.begin() + segments.end(s));
    dives.push_back(std::make_unique<PartitionDive>(search, columns, parameters,
                                                    search.rng(static_cast<std::uint64_t>(s))));
  }
  const bool by_clock = !search.limits().has_iterations() && std::isfinite(search.remaining_s());
  for (std::int64_t n = 0; n < (by_clock                           ? INT64_MAX
                                : search.limits().has_iterations() ? search.limits().iterations
                                                                   : 1) &&
                           !search.should_stop();
       ++n) {
    const int s = static_cast<int>(n % segments.count());
    PartitionDive& dive = *dives[static_cast<std::size_t>(s)];
    const auto improved = [&] {
      const std::vector<int> columns = dive.columns();
      std::copy(columns.begin(), columns.end(), permutation.begin() + segments.begin(s));
      search.report(permutation, kept_of_permutation(problem, permutation));
    };
    dive.dive(by_clock ? DivePace(search, search.remaining_s() * 0.9) : DivePace(search), improved);
  }
}

}  // namespace nmperm
