#include "heuristics/stripe_group.h"

#include <bit>

#include "core/stripe_pair_kernel.h"

namespace nmperm {
namespace {

using Mask = std::uint32_t;

/// Calls visit(subset) for every subset of `mask` with `count` columns that holds the lowest column of
/// `mask`.
template <typename Visit>
void for_subsets_with_lowest(Mask mask, int count, Visit visit, Mask chosen = 0) {
  if (count == 0) {
    visit(chosen);
    return;
  }
  if (chosen == 0) {
    const Mask lowest = mask & (~mask + 1);
    for_subsets_with_lowest(mask ^ lowest, count - 1, visit, lowest);
    return;
  }
  while (std::popcount(mask) >= count) {
    const Mask lowest = mask & (~mask + 1);
    mask ^= lowest;
    for_subsets_with_lowest(mask, count - 1, visit, chosen | lowest);
  }
}

}  // namespace

StripeGroup::StripeGroup(int stripes, const Pattern& pattern) : stripes_(stripes), pattern_(pattern) {
  if (stripes == 2 && pattern == Pattern{2, 4}) return;
  const int count = stripes * pattern.group, group = pattern.group;
  subsets_ = std::make_unique<SubsetKernel>(count, pattern);
  subset_of_mask_.resize(std::size_t{1} << count);
  for (std::size_t s = 0; s < subsets_->masks().size(); ++s) {
    subset_of_mask_[subsets_->masks()[s]] = static_cast<Subset>(s);
  }
  const Mask all = (Mask{1} << count) - 1, first_stripe = (Mask{1} << group) - 1;
  for (std::size_t k = 0; k < kMaxStripes && k < static_cast<std::size_t>(stripes); ++k) {
    identity_.groups[k] = subset_of_mask_[first_stripe << (k * static_cast<std::size_t>(group))];
  }
  if (stripes == 2) {
    for_subsets_with_lowest(all, group, [&](Mask a) {
      list_.push_back({{subset_of_mask_[a], subset_of_mask_[all ^ a]}});
    });
  } else if (stripes == 3) {
    for_subsets_with_lowest(all, group, [&](Mask a) {
      for_subsets_with_lowest(all ^ a, group, [&](Mask b) {
        list_.push_back({{subset_of_mask_[a], subset_of_mask_[b], subset_of_mask_[all ^ a ^ b]}});
      });
    });
  } else {
    std::vector<std::uint16_t> half_of_mask(std::size_t{1} << count);
    std::uint16_t halves = 0;
    for (Mask half = 0; half <= all; ++half) {
      if (std::popcount(half) != 2 * group) continue;
      half_of_mask[half] = halves++;
      const std::size_t before = splits_.size();
      for_subsets_with_lowest(half, group, [&](Mask a) {
        splits_.push_back({subset_of_mask_[a], subset_of_mask_[half ^ a]});
      });
      splits_per_half_ = splits_.size() - before;
    }
    for_subsets_with_lowest(all, 2 * group, [&](Mask half) {
      halvings_.push_back({half_of_mask[half], half_of_mask[all ^ half]});
    });
  }
}

std::size_t StripeGroup::arrangements() const {
  std::size_t count = 1;  // product over stripes of the ways to complete the stripe of the lowest column left
  for (int left = stripes_ * pattern_.group; left > pattern_.group; left -= pattern_.group) {
    std::size_t ways = 1;
    for (int i = 1; i < pattern_.group; ++i)
      ways = ways * static_cast<std::size_t>(left - i) / static_cast<std::size_t>(i);
    count *= ways;
  }
  return count;
}

StripeGroup::Best StripeGroup::best_pair(const float* const* columns, std::size_t rows) const {
  std::array<double, kStripePairArrangements> kept;
  stripe_pair_kept(columns, rows, kept.data());
  std::size_t best = 0;
  for (std::size_t a = 1; a < kept.size(); ++a) {
    if (kept[a] > kept[best]) best = a;
  }
  Best result;
  result.gain = kept[best] - kept[0];
  const StripePairArrangement& order = stripe_pair_arrangements()[best];
  for (std::size_t i = 0; i < order.size(); ++i) result.order[i] = order[i];
  return result;
}

StripeGroup::Arrangement StripeGroup::best_of_list(const double* kept) const {
  double best_kept = -1;
  const Arrangement* best = nullptr;
  for (const Arrangement& candidate : list_) {
    double sum = kept[candidate.groups[0]] + kept[candidate.groups[1]];
    if (stripes_ == 3) sum += kept[candidate.groups[2]];
    if (sum <= best_kept) continue;
    best_kept = sum;
    best = &candidate;
  }
  return *best;
}

StripeGroup::Arrangement StripeGroup::best_of_halves(const double* kept,
                                                     std::vector<double>& pair_kept) const {
  const auto best_split = [&](std::size_t half) {
    const Split* best = &splits_[half * splits_per_half_];
    for (const Split* split = best + 1; split != splits_.data() + (half + 1) * splits_per_half_; ++split) {
      if (kept[split->first] + kept[split->second] > kept[best->first] + kept[best->second]) best = split;
    }
    return *best;
  };
  pair_kept.resize(splits_.size() / splits_per_half_);
  for (std::size_t half = 0; half < pair_kept.size(); ++half) {
    const Split split = best_split(half);
    pair_kept[half] = kept[split.first] + kept[split.second];
  }
  const Halving* best = halvings_.data();
  for (const Halving& halving : halvings_) {
    if (pair_kept[halving.first] + pair_kept[halving.second] >
        pair_kept[best->first] + pair_kept[best->second]) {
      best = &halving;
    }
  }
  const Split a = best_split(best->first), b = best_split(best->second);
  return {{a.first, a.second, b.first, b.second}};
}

StripeGroup::Best StripeGroup::best(const float* const* columns, std::size_t rows,
                                    Workspace& workspace) const {
  if (!subsets_) return best_pair(columns, rows);
  workspace.kept.resize(subsets_->masks().size());
  double* const kept = workspace.kept.data();
  subsets_->kept(columns, rows, workspace.subsets, kept);
  const Arrangement arrangement =
      stripes_ < 4 ? best_of_list(kept) : best_of_halves(kept, workspace.pair_kept);
  Best result;
  std::size_t position = 0;
  for (std::size_t k = 0; k < kMaxStripes && k < static_cast<std::size_t>(stripes_); ++k) {
    const Subset group = arrangement.groups[k];
    result.gain += kept[group] - kept[identity_.groups[k]];
    for (Mask mask = subsets_->masks()[group]; mask != 0; mask &= mask - 1) {
      result.order[position++] = static_cast<std::uint8_t>(std::countr_zero(mask));
    }
  }
  return result;
}

}  // namespace nmperm
