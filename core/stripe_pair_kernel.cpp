#include "core/stripe_pair_kernel.h"

#include <algorithm>
#include <utility>

#include "core/group_kernels.h"
#include "core/stripe_pair_tables.h"

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/stripe_pair_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/lane_sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace tables = stripe_pair_tables;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// Rows whose triples are staged at a time: 20 thresholds and 8 columns of 256 floats fill most of a 32 kB L1
// cache.
constexpr std::size_t kStage = 256;
static_assert(kSumBlock % kStage == 0);

// Groups are accumulated in batches that fit into the vector registers next to the eight columns.
constexpr std::size_t kTriplesPerBatch = HWY_MAX_BYTES == 64 ? 5 : 2;
static_assert(tables::kTriples.size() % kTriplesPerBatch == 0);

struct Stage {
  HWY_ALIGN float thresholds[tables::kTriples.size()][kStage];
};

// One float32 sum per lane for every triple's base and every group.
struct Sums {
  HWY_ALIGN float base[tables::kTriples.size()][16];
  HWY_ALIGN float group[tables::kGroups.size()][16];
};

// Thresholds of the triples kFirst, kFirst + 1, ...: second largest of three; their base: sum of the largest.
template <std::size_t kFirst, std::size_t... kI>
HWY_INLINE void stage_triples(const float* const* HWY_RESTRICT columns, std::size_t begin, std::size_t end,
                              bool first, Stage& stage, Sums& sums, std::index_sequence<kI...>) {
  const D d;
  V base[sizeof...(kI)];
  ((base[kI] = first ? hn::Zero(d) : hn::Load(d, sums.base[kFirst + kI])), ...);
  for (std::size_t r = begin; r < end; r += hn::Lanes(d)) {
    const V x[8] = {hn::Load(d, columns[0] + r), hn::Load(d, columns[1] + r), hn::Load(d, columns[2] + r),
                    hn::Load(d, columns[3] + r), hn::Load(d, columns[4] + r), hn::Load(d, columns[5] + r),
                    hn::Load(d, columns[6] + r), hn::Load(d, columns[7] + r)};
    const auto one = [&](auto index) HWY_ATTR {
      constexpr std::size_t kT = kFirst + decltype(index)::value;
      constexpr auto kTriple = tables::kTriples[kT];
      // The compiler shares the pair's maximum and minimum between the triples that begin with it.
      const V high = hn::Max(x[kTriple[0]], x[kTriple[1]]), low = hn::Min(x[kTriple[0]], x[kTriple[1]]);
      const V third = x[kTriple[2]];
      hn::Store(hn::Max(low, hn::Min(high, third)), d, stage.thresholds[kT] + (r - begin));
      base[decltype(index)::value] = hn::Add(base[decltype(index)::value], hn::Max(high, third));
    };
    (one(std::integral_constant<std::size_t, kI>{}), ...);
  }
  (hn::Store(base[kI], d, sums.base[kFirst + kI]), ...);
}

// sums.group[g] += sum_r max(threshold of its triple, its fourth column), for the groups kFirst, kFirst + 1,
// ...
template <std::size_t kFirst, std::size_t... kI>
HWY_INLINE void add_groups(const float* const* HWY_RESTRICT columns, std::size_t begin, std::size_t end,
                           bool first, const Stage& stage, Sums& sums, std::index_sequence<kI...>) {
  const D d;
  V acc[sizeof...(kI)];
  ((acc[kI] = first ? hn::Zero(d) : hn::Load(d, sums.group[kFirst + kI])), ...);
  for (std::size_t r = begin; r < end; r += hn::Lanes(d)) {
    const V x[8] = {hn::Load(d, columns[0] + r), hn::Load(d, columns[1] + r), hn::Load(d, columns[2] + r),
                    hn::Load(d, columns[3] + r), hn::Load(d, columns[4] + r), hn::Load(d, columns[5] + r),
                    hn::Load(d, columns[6] + r), hn::Load(d, columns[7] + r)};
    ((acc[kI] = hn::Add(
          acc[kI], hn::Max(hn::Load(d, stage.thresholds[tables::kGroups[kFirst + kI].triple] + (r - begin)),
                           x[tables::kGroups[kFirst + kI].fourth]))),
     ...);
  }
  (hn::Store(acc[kI], d, sums.group[kFirst + kI]), ...);
}

template <std::size_t kBatch>
HWY_INLINE void add_batches(const float* const* columns, std::size_t begin, std::size_t end, bool first,
                            const Stage& stage, Sums& sums) {
  constexpr std::size_t kTripleEnd = (kBatch + 1) * kTriplesPerBatch;
  constexpr std::size_t kFirst = tables::kFirstGroup[kBatch * kTriplesPerBatch];
  constexpr std::size_t kCount = tables::kFirstGroup[kTripleEnd] - kFirst;
  add_groups<kFirst>(columns, begin, end, first, stage, sums, std::make_index_sequence<kCount>());
  if constexpr (kTripleEnd < tables::kTriples.size()) {
    add_batches<kBatch + 1>(columns, begin, end, first, stage, sums);
  }
}

HWY_INLINE V arrangement_sum(const Sums& sums, std::size_t a) {
  const D d;
  const auto& arrangement = tables::kArrangementGroups[std::min(a, tables::kArrangementGroups.size() - 1)];
  const auto group_sum = [&](std::size_t g) HWY_ATTR {
    return hn::Add(hn::Load(d, sums.group[g]), hn::Load(d, sums.base[tables::kGroups[g].triple]));
  };
  return hn::Add(group_sum(arrangement[0]), group_sum(arrangement[1]));
}

void StripePairKept(const float* const* columns, std::size_t rows, double* kept) {
  Stage stage;
  Sums sums;
  std::fill(kept, kept + kStripePairArrangements, 0.0);
  for (std::size_t block = 0; block < rows; block += kSumBlock) {
    const std::size_t block_end = std::min(block + kSumBlock, rows);
    for (std::size_t begin = block; begin < block_end; begin += kStage) {
      const std::size_t end = std::min(begin + kStage, block_end);
      const bool first = begin == block;
      stage_triples<0>(columns, begin, end, first, stage, sums, std::make_index_sequence<10>());
      stage_triples<10>(columns, begin, end, first, stage, sums, std::make_index_sequence<10>());
      add_batches<0>(columns, begin, end, first, stage, sums);
    }
    for (std::size_t a = 0; a < kStripePairArrangements; a += 4) {
      HWY_ALIGN float four[4];
      store_lane_sums(arrangement_sum(sums, a), arrangement_sum(sums, a + 1), arrangement_sum(sums, a + 2),
                      arrangement_sum(sums, a + 3), four);
      for (std::size_t k = 0; k < 4 && a + k < kStripePairArrangements; ++k) {
        kept[a + k] += static_cast<double>(four[k]);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(StripePairKept);

void stripe_pair_kept(const float* const* columns, std::size_t rows, double* kept) {
  HWY_DYNAMIC_DISPATCH(StripePairKept)(columns, rows, kept);
}

const std::array<StripePairArrangement, kStripePairArrangements>& stripe_pair_arrangements() {
  return stripe_pair_tables::kArrangements;
}

}  // namespace nmperm
#endif  // HWY_ONCE
