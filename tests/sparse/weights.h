// Weights for tests: random numbers of both signs, with ties and zeros where asked for.
#pragma once

#include <cstdint>
#include <vector>

#include "core/rng.h"
#include "sparse/weight_view.h"

namespace nmperm::testing {

inline std::vector<float> random_floats(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(2 * rng.uniform() - 1);
  return values;
}

/// Small whole numbers: many ties, many zeros, and exact sums.
inline std::vector<float> small_integers(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.below(7) - 3);
  return values;
}

inline std::size_t size_of_matrix(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

}  // namespace nmperm::testing
