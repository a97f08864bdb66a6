// How fast a loop in registers runs at best.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace nmperm::bench {

/// Rounds per second of chains(rounds), a number that depends on what it did: the fastest of `runs` calls.
template <typename Chains>
double best_rounds_per_s(int runs, std::size_t rounds, Chains chains) {
  double best_s = 1e9;
  volatile float sink = 0;
  for (int run = 0; run < runs; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    sink = sink + chains(rounds);
    best_s =
        std::min(best_s, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return static_cast<double>(rounds) / best_s;
}

}  // namespace nmperm::bench
