// Pricing by the replacement identity: new groups that differ from a known one in a single slot.
#pragma once

#include <cstddef>
#include <vector>

#include "heuristics/group_pool.h"
#include "heuristics/replacement_rows.h"

namespace nmperm {

/// What makes a replacement worth keeping.
struct PricingRule {
  double threshold = 0;  ///< least kept magnitude minus prices
  int per_slot = 8;      ///< most replacements taken from one slot
};

/// Prices as rows are scanned with them: rows.width() in all, infinite where nothing remains of a type.
std::vector<float> scan_prices(const ReplacementRows& rows, const std::vector<double>& prices,
                               const std::vector<int>& remaining);

/// Adds to the pool what the rows of `bases` (those that are held) offer: for every slot the best
/// replacements by kept magnitude minus `prices` that form a group out of `remaining` copies of each type.
/// A base need not be such a group itself, as long as it is one without the slot. Returns how many groups are
/// new. Estimated entries that were proposed are corrected to what the group keeps. O(M n) a base,
/// vectorised; threads share the bases, the result does not depend on their number.
std::size_t price_replacements(GroupPool& pool, ReplacementRows& rows, const std::vector<int>& bases,
                               const std::vector<double>& prices, const std::vector<int>& remaining,
                               const PricingRule& rule, int threads);

}  // namespace nmperm
