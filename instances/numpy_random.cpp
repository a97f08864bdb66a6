#include "instances/numpy_random.h"

#include <cmath>

namespace nmperm {

double NumpyRandom::rand() {
  const double high = static_cast<double>(engine_() >> 5), low = static_cast<double>(engine_() >> 6);
  return (high * 0x1p26 + low) * 0x1p-53;
}

NumpyRandom::Pair NumpyRandom::accepted_pair() {
  while (true) {
    const double x1 = 2 * rand() - 1;
    const double x2 = 2 * rand() - 1;
    const double r2 = x1 * x1 + x2 * x2;
    if (r2 < 1 && r2 != 0) return {x1, x2, r2};
  }
}

double NumpyRandom::randn() {
  if (has_second_) {
    has_second_ = false;
    return second_;
  }
  const Pair pair = accepted_pair();
  const double factor = std::sqrt(-2 * std::log(pair.r2) / pair.r2);
  second_ = factor * pair.x1;
  has_second_ = true;
  return factor * pair.x2;
}

void NumpyRandom::skip_randn(std::uint64_t count) {
  if (count > 0 && has_second_) {
    has_second_ = false;
    --count;
  }
  for (; count >= 2; count -= 2) accepted_pair();
  if (count == 1) randn();
}

}  // namespace nmperm
