#include "heuristics/assignment_neighbourhood.h"

#include <algorithm>

#include "core/max_plus_product.h"

namespace nmperm {

// w[i][j]: what slot i gains with the column of slot j in place of its own. Gains instead of values, because
// float32 resolves the small differences that decide.
void AssignmentNeighbourhood::form_gains(std::size_t stride) {
  const std::size_t n = columns_.size();
  constexpr std::size_t kChunk = 32;
  const auto chunks = static_cast<std::ptrdiff_t>((n + kChunk - 1) / kChunk);
#pragma omp parallel for num_threads(threads_) schedule(dynamic) if (threads_ > 1 && chunks > 1)
  for (std::ptrdiff_t chunk = 0; chunk < chunks; ++chunk) {
    const std::size_t begin = static_cast<std::size_t>(chunk) * kChunk, end = std::min(begin + kChunk, n);
    max_plus_product(thresholds_.data() + begin, end - begin, columns_.data(), n, stride,
                     w_.data() + begin * n, n);
    for (std::size_t i = begin; i < end; ++i) {
      float* const row = w_.data() + i * n;
      const float own = row[i];
      for (std::size_t j = 0; j < n; ++j) row[j] -= own;
    }
  }
}

std::size_t AssignmentNeighbourhood::improve(SwapState& state, const std::vector<int>& slots, double noise,
                                             Rng& rng) {
  const std::size_t n = slots.size();
  thresholds_.clear();
  columns_.clear();
  for (const int slot : slots) {
    thresholds_.push_back(state.threshold(slot));
    columns_.push_back(state.column(slot));
  }
  form_gains(state.stride());
  if (noise > 0) add_noise(n, noise, rng);
  const std::vector<int>& column_of = assignment_.solve(w_.data(), n, n);
  moved_slots_.clear();
  moved_columns_.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const auto j = static_cast<std::size_t>(column_of[i]);
    if (i == j) continue;
    moved_slots_.push_back(slots[i]);
    moved_columns_.push_back(state.permutation()[static_cast<std::size_t>(slots[j])]);
  }
  state.place(moved_slots_, moved_columns_);
  return moved_slots_.size();
}

void AssignmentNeighbourhood::add_noise(std::size_t n, double amplitude, Rng& rng) {
  // Four 16-bit numbers from each draw, two for every entry: their difference is triangular in (-1, 1).
  const float scale = static_cast<float>(amplitude) / 65536.0f;
  for (std::size_t i = 0; i < n; ++i) {
    float* const row = w_.data() + i * n;
    const float own = row[i];
    std::size_t j = 0;
    for (; j + 1 < n; j += 2) {
      const std::uint64_t bits = rng.next();
      const auto part = [&](int k) { return static_cast<int>((bits >> (16 * k)) & 0xffff); };
      row[j] += scale * static_cast<float>(part(0) - part(1));
      row[j + 1] += scale * static_cast<float>(part(2) - part(3));
    }
    row[i] = own;
  }
}

}  // namespace nmperm
