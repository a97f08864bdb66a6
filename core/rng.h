// Seeded random numbers that are the same on every platform (the standard library's distributions are not).
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace nmperm {

/// xoshiro256++ (Blackman & Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021,
/// DOI 10.1145/3460772), seeded through SplitMix64. One generator per virtual worker: `Rng(seed, stream)`.
class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint64_t next() {
    const std::uint64_t result = rotate_left(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate_left(state_[3], 45);
    return result;
  }

  /// Uniform in 0..n-1, n >= 1 (multiply-shift; the bias of n / 2^32 is of no consequence to a search).
  int below(int n) { return static_cast<int>(((next() >> 32) * static_cast<std::uint64_t>(n)) >> 32); }
  /// Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// Fisher-Yates shuffle of [first, last).
  template <typename T>
  void shuffle(T* first, T* last) {
    for (auto n = last - first; n > 1; --n) std::swap(first[n - 1], first[below(static_cast<int>(n))]);
  }
  template <typename T>
  void shuffle(std::vector<T>& items) {
    shuffle(items.data(), items.data() + items.size());
  }

 private:
  static std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  std::array<std::uint64_t, 4> state_;
};

}  // namespace nmperm
