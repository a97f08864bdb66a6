#include "solvers/column_generation.h"

#include "solvers/backend_loader.h"
#include "solvers/relaxation_dive.h"
#include "solvers/relaxation_options.h"
#include "solvers/segment_relaxation.h"

namespace nmperm {
namespace {

/// Dives as long as there is time, or as often as asked for.
void dive_repeatedly(SegmentRelaxation& relaxation, std::int64_t dives, double end_s) {
  constexpr std::size_t kPoolGroups = 400'000;
  constexpr int kSimplexColumns = 384;  // beyond, a dive with a simplex takes as long as many entropic ones
  constexpr double kMostNoise = 0.8;
  Search& search = relaxation.search();
  relaxation.collect(kPoolGroups);
  if (relaxation.columns().columns() > kSimplexColumns) {
    dive_entropically(relaxation, dives, end_s);
    return;
  }
  Rng rng = search.rng(static_cast<std::uint64_t>(relaxation.segment()) + 1000);
  for (std::int64_t n = 0; n < dives && !relaxation.is_closed(); ++n) {
    if (search.should_stop() || search.elapsed_s() >= end_s) return;
    dive_in_relaxation(relaxation, relaxation.survivors(), n == 0 ? 0 : kMostNoise * rng.uniform(), rng);
  }
}

}  // namespace

const SolverInfo& ColumnGenerationSolver::info() const {
  static const SolverInfo kInfo = {
      .name = "column-generation",
      .summary = "linear relaxation over all groups, priced exactly: a valid bound, and dives in it",
      .reference =
          "Mahajan, Hwu, Nagi, Optimization Letters 18(9), 2024, DOI 10.1007/s11590-023-02084-8, with exact "
          "pricing",
      .exact = false,
      .iteration_unit = "dives in each segment",
      .options = relaxation_options(),
      .aliases = {}};
  return kInfo;
}

Support ColumnGenerationSolver::supports(const Problem& problem, const Options&) const {
  return relaxation_support(problem);
}

void ColumnGenerationSolver::run(Search& search) const {
  const auto backend = load_backend(search.options().choice("backend"));
  improve_start(search);
  SegmentProgress progress(search, info().name);
  const int segments = search.problem().segments().count();
  for (int s = 0; s < segments && !search.should_stop(); ++s) {
    const double end_s = search.elapsed_s() + search.remaining_s() / (segments - s);
    SegmentRelaxation relaxation(search, progress, s, *backend);
    relaxation.solve();
    if (relaxation.is_solved()) dive_repeatedly(relaxation, search.limits().iterations, end_s);
  }
  progress.hand_in_proofs(integer_scale(search.problem()));
}

}  // namespace nmperm
