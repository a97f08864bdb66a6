// The stripe-pair kernel: all 35 ways to split the eight columns of two 2:4 stripes into two groups of four,
// rated in one pass over the rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nmperm {

inline constexpr int kStripePairArrangements = 35;

/// Arrangement a of the eight columns 0..7: entries 0..3 form the first group, 4..7 the second. Column 0 is
/// always in the first group; arrangement 0 is the identity.
using StripePairArrangement = std::array<std::uint8_t, 8>;
const std::array<StripePairArrangement, kStripePairArrangements>& stripe_pair_arrangements();

/// Vector operations (max, min, add) for one vector of rows: 7 column pairs of 2, 20 column triples of 4 and
/// 70 groups of 2. Every group of four holds one of 20 triples (Turan, "Research problems", 1961), and by the
/// replacement identity a group costs one max and one add beyond its triple.
inline constexpr int kStripePairOperations = 7 * 2 + 20 * 4 + 70 * 2;

/// kept[a] = kept magnitude of both groups of arrangement a under 2:4. Columns as in group_kernels.h.
/// O(35 rows); memory on the stack only.
void stripe_pair_kept(const float* const* columns, std::size_t rows, double* kept);

}  // namespace nmperm
