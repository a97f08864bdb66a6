#include "heuristics/swap_moves.h"

#include <cmath>

namespace nmperm {

SwapMoves::SwapMoves(const Problem& problem)
    : segments_(problem.segments()), group_(problem.pattern().group) {
  for (const int length : segments_.lengths()) any_ = any_ || length > group_;
}

double mean_absolute_swap_change(const SwapState& state, const SwapMoves& moves, Rng& rng) {
  constexpr int kSample = 256;
  double sum = 0;
  for (int k = 0; k < kSample; ++k) {
    const SwapMoves::Move move = moves.random(rng);
    sum += std::abs(state.swap_change(move.i, move.j));
  }
  return sum / kSample;
}

}  // namespace nmperm
