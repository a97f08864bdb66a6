// RapidCheck generators for problems.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <rapidcheck.h>

#include "core/problem.h"
#include "tests/support/scores.h"

namespace nmperm::testing {

inline rc::Gen<Pattern> arbitrary_pattern(int max_group = 8) {
  return rc::gen::mapcat(rc::gen::inRange(2, max_group + 1), [](int group) {
    return rc::gen::map(rc::gen::inRange(1, group), [group](int keep) { return Pattern{keep, group}; });
  });
}

inline rc::Gen<Scores> arbitrary_kind() {
  return rc::gen::elementOf(std::vector<Scores>(kAllScores));
}

/// One to four segments of one to `max_groups` groups each.
inline rc::Gen<std::vector<int>> arbitrary_segments(const Pattern& pattern, int max_groups = 4) {
  return rc::gen::map(rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, 5),
                                      [=](std::size_t count) {
                                        return rc::gen::container<std::vector<int>>(
                                            count, rc::gen::inRange(1, max_groups + 1));
                                      }),
                      [pattern](std::vector<int> lengths) {
                        for (int& length : lengths) length *= pattern.group;
                        return lengths;
                      });
}

/// Draws a seed that shrinking leaves alone: a smaller seed is not a simpler case.
inline std::uint64_t arbitrary_seed() {
  return *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>());
}

/// A permutation inside the segments.
inline Permutation shuffled(const Segments& segments, std::uint64_t seed) {
  Permutation permutation = identity_permutation(segments.columns());
  Rng rng(seed);
  for (int s = 0; s < segments.count(); ++s) {
    rng.shuffle(permutation.data() + segments.begin(s), permutation.data() + segments.end(s));
  }
  return permutation;
}

}  // namespace nmperm::testing
