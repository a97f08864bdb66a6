// NumPy's legacy random generator, bit for bit (numpy.random.RandomState; NEP 19 freezes its streams).
#pragma once

#include <cstdint>
#include <random>

namespace nmperm {

/// The stream of `numpy.random.RandomState(seed)` for an integer seed: MT19937 (Matsumoto & Nishimura, ACM
/// TOMACS 8(1), 1998, DOI 10.1145/272991.272995), which the standard library's engine equals by definition.
class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed) : engine_(seed) {}

  /// RandomState.rand(): uniform in [0, 1), 53 bits out of two draws.
  double rand();
  /// RandomState.randn(): Marsaglia's polar method; the second value of a pair is kept for the next call.
  double randn();
  /// As randn() called `count` times, without logarithms and roots where the value is not needed.
  void skip_randn(std::uint64_t count);

 private:
  struct Pair {
    double x1, x2, r2;
  };
  Pair accepted_pair();

  std::mt19937 engine_;
  bool has_second_ = false;
  double second_ = 0;
};

}  // namespace nmperm
