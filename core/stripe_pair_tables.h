// Compile-time tables of the stripe-pair kernel: the triples, the groups of four, and the arrangements.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/stripe_pair_kernel.h"

namespace nmperm::stripe_pair_tables {

using Index = std::uint8_t;

/// Turan's cover: with the eight columns in parts {0,1,2}, {3,4,5}, {6,7}, every group of four holds three
/// columns of one part, or two of one part and one of the next. The first two columns of a triple are the
/// pair that it shares with others. Triples 0..9 need columns 0..5 only.
inline constexpr std::array<std::array<Index, 3>, 20> kTriples = {{
    {0, 1, 2}, {0, 1, 3}, {0, 1, 4}, {0, 1, 5}, {0, 2, 3}, {0, 2, 4}, {0, 2, 5},
    {1, 2, 3}, {1, 2, 4}, {1, 2, 5}, {3, 4, 5}, {3, 4, 6}, {3, 4, 7}, {3, 5, 6},
    {3, 5, 7}, {4, 5, 6}, {4, 5, 7}, {6, 7, 0}, {6, 7, 1}, {6, 7, 2},
}};

/// A group of four: a triple and a fourth column.
struct Group {
  Index triple = 0, fourth = 0;
  unsigned mask = 0;
};

constexpr unsigned mask_of(std::size_t triple) {
  return 1u << kTriples[triple][0] | 1u << kTriples[triple][1] | 1u << kTriples[triple][2];
}

constexpr int bits(unsigned mask) {
  int count = 0;
  for (; mask != 0; mask &= mask - 1) ++count;
  return count;
}

/// Each of the 70 groups given to the triple inside it that has the fewest so far, so that batches are even.
constexpr std::array<Index, 256> triple_of_mask() {
  std::array<Index, 256> triple_of{};
  std::array<int, 20> load{};
  for (unsigned mask = 0; mask < 256; ++mask) {
    if (bits(mask) != 4) continue;
    std::size_t best = kTriples.size();
    for (std::size_t t = 0; t < kTriples.size(); ++t) {
      if ((mask_of(t) & mask) == mask_of(t) && (best == kTriples.size() || load[t] < load[best])) best = t;
    }
    triple_of[mask] = static_cast<Index>(best);
    ++load[best];
  }
  return triple_of;
}

/// All groups, ordered by triple.
constexpr std::array<Group, 70> groups() {
  constexpr auto kTripleOf = triple_of_mask();
  std::array<Group, 70> result{};
  std::size_t count = 0;
  for (std::size_t t = 0; t < kTriples.size(); ++t) {
    for (unsigned mask = 0; mask < 256; ++mask) {
      if (bits(mask) != 4 || kTripleOf[mask] != t) continue;
      Index fourth = 0;
      while ((mask & ~mask_of(t)) != 1u << fourth) ++fourth;
      result[count++] = {static_cast<Index>(t), fourth, mask};
    }
  }
  return result;
}
inline constexpr std::array<Group, 70> kGroups = groups();

/// Groups of triple t are kFirstGroup[t] .. kFirstGroup[t + 1] - 1.
constexpr std::array<std::size_t, 21> first_groups() {
  std::array<std::size_t, 21> first{};
  for (const Group& group : kGroups) {
    for (std::size_t t = group.triple + 1u; t <= 20; ++t) ++first[t];
  }
  return first;
}
inline constexpr std::array<std::size_t, 21> kFirstGroup = first_groups();

/// The arrangements: column 0 and three others in ascending order, then the remaining four.
constexpr std::array<StripePairArrangement, kStripePairArrangements> arrangements() {
  std::array<StripePairArrangement, kStripePairArrangements> result{};
  std::size_t count = 0;
  for (Index b = 1; b < 8; ++b) {
    for (Index c = static_cast<Index>(b + 1); c < 8; ++c) {
      for (Index d = static_cast<Index>(c + 1); d < 8; ++d) {
        StripePairArrangement& arrangement = result[count++];
        arrangement = {0, b, c, d, 0, 0, 0, 0};
        std::size_t rest = 4;
        for (Index k = 1; k < 8; ++k) {
          if (k != b && k != c && k != d) arrangement[rest++] = k;
        }
      }
    }
  }
  return result;
}
inline constexpr std::array<StripePairArrangement, kStripePairArrangements> kArrangements = arrangements();

constexpr Index group_of_mask(unsigned mask) {
  for (std::size_t g = 0; g < kGroups.size(); ++g) {
    if (kGroups[g].mask == mask) return static_cast<Index>(g);
  }
  return 255;
}

/// The two groups of each arrangement.
constexpr std::array<std::array<Index, 2>, kStripePairArrangements> arrangement_groups() {
  std::array<std::array<Index, 2>, kStripePairArrangements> result{};
  for (std::size_t a = 0; a < result.size(); ++a) {
    unsigned mask = 0;
    for (std::size_t k = 0; k < 4; ++k) mask |= 1u << kArrangements[a][k];
    result[a] = {group_of_mask(mask), group_of_mask(255u & ~mask)};
  }
  return result;
}
inline constexpr std::array<std::array<Index, 2>, kStripePairArrangements> kArrangementGroups =
    arrangement_groups();

}  // namespace nmperm::stripe_pair_tables
