#include "heuristics/random.h"

#include <algorithm>
#include <vector>

#include "heuristics/kept.h"

namespace nmperm {

const SolverInfo& RandomSolver::info() const {
  static const SolverInfo info{"random",
                               "the best of some random permutations",
                               "",
                               false,
                               "permutations",
                               {OptionRecord::integer("samples", "permutations to try", 100, 1, 1000000000)},
                               {}};
  return info;
}

void RandomSolver::run(Search& search) const {
  const Problem& problem = search.problem();
  const std::int64_t samples =
      std::min<std::int64_t>(search.options().integer("samples"), search.limits().iterations);
  // Permutation k comes from stream k; batches keep all threads busy, and reports go out in order.
  const std::int64_t batch = 16;
  for (std::int64_t begin = 0; begin < samples && !search.should_stop(); begin += batch) {
    const std::int64_t end = std::min(begin + batch, samples);
    std::vector<Permutation> permutations(static_cast<std::size_t>(end - begin));
    std::vector<double> kept(permutations.size(), 0);
#pragma omp parallel for num_threads(search.threads()) schedule(dynamic)
    for (std::int64_t k = begin; k < end; ++k) {
      if (search.should_stop()) continue;
      const auto at = static_cast<std::size_t>(k - begin);
      permutations[at] = random_permutation(problem.segments(), search.rng(static_cast<std::uint64_t>(k)));
      kept[at] = kept_of_permutation(problem, permutations[at]);
    }
    for (std::size_t at = 0; at < permutations.size(); ++at) search.report(permutations[at], kept[at]);
  }
}

}  // namespace nmperm
