#include "heuristics/swap_moves.h"

#include <cmath>
#include <utility>

#include "heuristics/kept.h"

namespace nmperm {

SwapMoves::SwapMoves(const Problem& problem)
    : segments_(problem.segments()), group_(problem.pattern().group) {
  for (const int length : segments_.lengths()) any_ = any_ || length > group_;
}

double mean_absolute_swap_change(const Problem& problem, const Permutation& permutation,
                                 const SwapMoves& moves, Rng& rng) {
  constexpr int kSample = 256;
  const int group = problem.pattern().group;
  Permutation swapped = permutation;
  double sum = 0;
  for (int k = 0; k < kSample; ++k) {
    const SwapMoves::Move move = moves.random(rng);
    const auto i = static_cast<std::size_t>(move.i), j = static_cast<std::size_t>(move.j);
    const int first_i = move.i / group * group, first_j = move.j / group * group;
    const auto kept = [&] {
      return kept_of_group_columns(problem, swapped.data() + first_i) +
             kept_of_group_columns(problem, swapped.data() + first_j);
    };
    const double before = kept();
    std::swap(swapped[i], swapped[j]);
    sum += std::abs(kept() - before);
    std::swap(swapped[i], swapped[j]);
  }
  return sum / kSample;
}

}  // namespace nmperm
