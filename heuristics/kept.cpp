#include "heuristics/kept.h"

#include <array>

namespace nmperm {

double kept_of_group_columns(const Problem& problem, const int* columns) {
  std::array<const float*, Pattern::kMaxGroup> pointers;
  for (int k = 0; k < problem.pattern().group; ++k) {
    pointers[static_cast<std::size_t>(k)] = problem.search_scores().column(columns[k]);
  }
  return kept_of_columns(pointers.data(), problem.pattern(), problem.search_scores().stride());
}

double kept_of_permutation(const Problem& problem, const Permutation& permutation) {
  double kept = 0;
  for (int i = 0; i < problem.columns(); i += problem.pattern().group) {
    kept += kept_of_group_columns(problem, permutation.data() + i);
  }
  return kept;
}

Permutation random_permutation(const Segments& segments, Rng rng) {
  Permutation permutation = identity_permutation(segments.columns());
  for (int s = 0; s < segments.count(); ++s) {
    rng.shuffle(permutation.data() + segments.begin(s), permutation.data() + segments.end(s));
  }
  return permutation;
}

}  // namespace nmperm
