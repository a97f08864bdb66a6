#include "sparse/activations.h"

#include <algorithm>
#include <cmath>

#include "core/rng.h"

namespace nmperm {

int balancing_exponent(const WeightView& weight) {
  float largest = 0;
  for (const float value : weight.values) largest = std::max(largest, std::fabs(value));
  return largest > 0 ? std::clamp(-std::ilogb(largest), -126, 126) : 0;
}

std::vector<float> random_activations(std::size_t count, int exponent, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> b(count);
  for (float& value : b) value = std::ldexp(static_cast<float>(2 * rng.uniform() - 1), exponent);
  return b;
}

}  // namespace nmperm
