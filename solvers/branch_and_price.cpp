#include "solvers/branch_and_price.h"

#include "solvers/backend_loader.h"
#include "solvers/branch_tree.h"
#include "solvers/relaxation_dive.h"
#include "solvers/relaxation_options.h"
#include "solvers/segment_relaxation.h"

namespace nmperm {
namespace {

constexpr std::size_t kPoolGroups = 3'000'000;

/// Some dives: the better the incumbent, the fewer groups are left.
void dive_some(SegmentRelaxation& relaxation) {
  constexpr int kDives = 20, kIdleDives = 8;
  constexpr double kMostNoise = 0.8;
  Rng rng = relaxation.search().rng(static_cast<std::uint64_t>(relaxation.segment()) + 2000);
  int idle = 0;
  for (int n = 0; n < kDives && idle < kIdleDives && !relaxation.is_closed(); ++n) {
    if (relaxation.search().should_stop()) return;
    const double noise = n == 0 ? 0 : kMostNoise * rng.uniform();
    idle = dive_in_relaxation(relaxation, relaxation.survivors(), noise, rng) ? 0 : idle + 1;
  }
}

void solve_segment(SegmentRelaxation& relaxation, std::size_t memory_bytes, double end_s) {
  relaxation.solve();
  if (!relaxation.is_solved() || relaxation.is_closed()) return;
  dive_some(relaxation);
  if (relaxation.is_closed() || relaxation.search().should_stop()) return;
  relaxation.collect(kPoolGroups);
  BranchTree tree(relaxation, memory_bytes);
  tree.run(relaxation.search().limits().iterations, end_s);
}

}  // namespace

const SolverInfo& BranchAndPriceSolver::info() const {
  static const SolverInfo kInfo = [] {
    SolverInfo info = {
        .name = "branch-and-price",
        .summary = "proves which permutation is best: relaxation with exact pricing, and branching on pairs",
        .reference =
            "Ryan, Foster 1981; Barnhart et al., Operations Research 46(3), 1998, DOI 10.1287/opre.46.3.316",
        .exact = true,
        .iteration_unit = "branch-and-price nodes of each segment",
        .options = relaxation_options(),
        .aliases = {}};
    info.options.push_back(
        OptionRecord::integer("memory-megabytes", "most memory for nodes of the tree", 1024, 1, 1 << 20));
    return info;
  }();
  return kInfo;
}

Support BranchAndPriceSolver::supports(const Problem& problem, const Options&) const {
  return relaxation_support(problem);
}

void BranchAndPriceSolver::run(Search& search) const {
  const auto backend = load_backend(search.options().choice("backend"));
  const auto memory_bytes = static_cast<std::size_t>(search.options().integer("memory-megabytes")) << 20;
  improve_start(search);
  SegmentProgress progress(search, info().name);
  const int segments = search.problem().segments().count();
  for (int s = 0; s < segments && !search.should_stop(); ++s) {
    const double end_s = search.elapsed_s() + search.remaining_s() / (segments - s);
    SegmentRelaxation relaxation(search, progress, s, *backend);
    solve_segment(relaxation, memory_bytes / static_cast<std::size_t>(segments), end_s);
  }
  progress.hand_in_proofs(integer_scale(search.problem()));
}

}  // namespace nmperm
