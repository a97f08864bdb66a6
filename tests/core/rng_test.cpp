#include "core/rng.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/arbitrary.h"

namespace nmperm {
namespace {

// From an implementation in Python of the two published algorithms, itself checked against the published
// first values of xoshiro256++ (state 1, 2, 3, 4: 41943041, 58720359, ...) and of SplitMix64 (seed 1234567).
TEST(Rng, YieldsTheKnownNumbers) {
  struct Known {
    std::uint64_t seed, stream, numbers[4];
  };
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  for (const Known& known : {
           Known{0, 0, {0x84f09bf307c1073a, 0xc82ffb597ceee51b, 0xadf96905c5df4417, 0xe9d9a8489d042c93}},
           Known{0, 1, {0x4887886c7244e091, 0x4cfafb3b6cc3ea99, 0xfbce21167403a2c1, 0x2a5a56f477b61858}},
           Known{42, 7, {0x2f5123ea624002b9, 0xa363774976f2640e, 0xd90d5796f8344ca8, 0x8046b874627ceb87}},
           Known{
               kAll, kAll, {0x5f7e53d0a0e9db9a, 0x20378f93c1450ce7, 0x97749e115e365c77, 0x726dccf3aee9d1a3}},
       }) {
    Rng rng(known.seed, known.stream);
    for (const std::uint64_t number : known.numbers) EXPECT_EQ(rng.next(), number) << known.seed;
  }
}

TEST(Rng, StreamsAndSeedsDiffer) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    for (std::uint64_t stream = 0; stream < 30; ++stream) firsts.insert(Rng(seed, stream).next());
  }
  EXPECT_EQ(firsts.size(), 900u);
}

RC_GTEST_PROP(Rng, BelowStaysBelow, ()) {
  const int n = *rc::gen::oneOf(rc::gen::inRange(1, 10), rc::gen::inRange(1, std::numeric_limits<int>::max()),
                                rc::gen::just(std::numeric_limits<int>::max()));
  Rng rng(testing::arbitrary_seed());
  for (int k = 0; k < 200; ++k) {
    const int value = rng.below(n);
    RC_ASSERT(value >= 0);
    RC_ASSERT(value < n);
    const double uniform = rng.uniform();
    RC_ASSERT(uniform >= 0);
    RC_ASSERT(uniform < 1);
  }
}

TEST(Rng, BelowReachesEveryNumberEvenly) {
  Rng rng(3);
  std::vector<int> count(7);
  for (int k = 0; k < 70000; ++k) ++count[static_cast<std::size_t>(rng.below(7))];
  for (const int n : count) EXPECT_NEAR(n, 10000, 500);  // 5.4 standard deviations
}

RC_GTEST_PROP(Rng, ShuffleIsAPermutation, ()) {
  std::vector<int> items(*rc::gen::inRange<std::size_t>(0, 100));
  std::iota(items.begin(), items.end(), 0);
  std::vector<int> shuffled = items;
  Rng(testing::arbitrary_seed()).shuffle(shuffled);
  RC_ASSERT(std::is_permutation(items.begin(), items.end(), shuffled.begin(), shuffled.end()));
}

TEST(Rng, ShuffleReachesEveryOrderEvenly) {
  Rng rng(5);
  std::map<std::vector<int>, int> count;
  for (int k = 0; k < 24000; ++k) {
    std::vector<int> items = {0, 1, 2, 3};
    rng.shuffle(items);
    ++count[items];
  }
  EXPECT_EQ(count.size(), 24u);
  for (const auto& [order, n] : count) EXPECT_NEAR(n, 1000, 170);  // 5.5 standard deviations
}

}  // namespace
}  // namespace nmperm
