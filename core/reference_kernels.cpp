#include "core/reference_kernels.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/reference_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kBlock = kRowAlignment;

using D = hn::CappedTag<float, kBlock>;
using V = hn::Vec<D>;
using Bits = hn::RebindToSigned<D>;
using DD = hn::CappedTag<double, kBlock>;

// Sums in double of as many lanes as a vector of floats has.
struct LaneSums {
  // Written out, because what compilers generate is not compiled for the target.
  HWY_INLINE LaneSums() : low(hn::Zero(DD())), high(low) {}

  HWY_INLINE void add(V x) {
    const DD dd;
#if HWY_TARGET == HWY_SCALAR
    low = hn::Add(low, hn::PromoteTo(dd, x));
#else
    const hn::Half<D> half;
    low = hn::Add(low, hn::PromoteTo(dd, hn::LowerHalf(half, x)));
    high = hn::Add(high, hn::PromoteTo(dd, hn::UpperHalf(half, x)));
#endif
  }

  HWY_INLINE void store(double* sums) const {
    const DD dd;
    hn::StoreU(low, dd, sums);
    if (hn::Lanes(D()) > hn::Lanes(dd)) hn::StoreU(high, dd, sums + hn::Lanes(dd));
  }

  hn::Vec<DD> low, high;
};

// kKeep = 0: N is known at run time only.
template <int kKeep>
double ExactKept(const float* const* columns, const Pattern& pattern, std::size_t rows) {
  const D d;
  const int keep = kKeep > 0 ? kKeep : pattern.keep;
  constexpr std::size_t kParts = kBlock / hn::MaxLanes(D());
  LaneSums sums[kParts];
  for (std::size_t r = 0; r < rows; r += kBlock) {
    for (std::size_t p = 0; p < kParts; ++p) {
      V top[kKeep > 0 ? kKeep : Pattern::kMaxGroup];  // the largest so far, descending
      for (int n = 0; n < keep; ++n) top[n] = hn::Zero(d);
      for (int k = 0; k < pattern.group; ++k) {
        V x = hn::Load(d, columns[k] + r + p * hn::Lanes(d));
        for (int n = 0; n < keep; ++n) {
          const V larger = hn::Max(top[n], x);
          x = hn::Min(top[n], x);
          top[n] = larger;
        }
      }
      for (int n = 0; n < keep; ++n) sums[p].add(top[n]);
    }
  }
  std::array<double, kBlock> lanes;
  for (std::size_t p = 0; p < kParts; ++p) sums[p].store(lanes.data() + p * hn::Lanes(d));
  return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

double ExactKeptAny(const float* const* columns, const Pattern& pattern, std::size_t rows) {
  switch (pattern.keep) {
    case 1:
      return ExactKept<1>(columns, pattern, rows);
    case 2:
      return ExactKept<2>(columns, pattern, rows);
    case 4:
      return ExactKept<4>(columns, pattern, rows);
    default:
      return ExactKept<0>(columns, pattern, rows);
  }
}

// How many scores of each lane have larger bits than `below`.
HWY_INLINE hn::Vec<Bits> CountAbove(const float* HWY_RESTRICT scores, std::size_t columns,
                                    hn::Vec<Bits> below) {
  const D d;
  const Bits bits;
  const auto one = hn::Set(bits, 1);
  auto even = hn::Zero(bits), odd = hn::Zero(bits);
  const auto count = [&](std::size_t c, hn::Vec<Bits> sum) HWY_ATTR {
    const auto above = hn::Gt(hn::BitCast(bits, hn::Load(d, scores + c * kBlock)), below);
    return hn::IfThenElse(above, hn::Add(sum, one), sum);
  };
  std::size_t c = 0;
  for (; c + 2 <= columns; c += 2) {
    even = count(c, even);
    odd = count(c + 1, odd);
  }
  if (c < columns) even = count(c, even);
  return hn::Add(even, odd);
}

// The rows of one vector: `scores` points to their first scores.
void FiguresOfPart(const float* HWY_RESTRICT scores, std::size_t columns, int most, std::size_t part,
                   RowFigures& figures) {
  const D d;
  const Bits bits;
  LaneSums total;
  V lowest = hn::Load(d, scores), highest = lowest;
  for (std::size_t c = 0; c < columns; ++c) {
    const V x = hn::Load(d, scores + c * kBlock);
    total.add(x);
    lowest = hn::Min(lowest, x);
    highest = hn::Max(highest, x);
  }
  const float highest_of_all = hn::GetLane(hn::MaxOfLanes(d, highest));
  figures.lowest = std::min(figures.lowest, hn::GetLane(hn::MinOfLanes(d, lowest)));
  figures.highest = std::max(figures.highest, highest_of_all);

  const auto wanted = hn::Set(bits, most), one = hn::Set(bits, 1);
  auto threshold = hn::Zero(bits), reached = hn::Set(bits, static_cast<std::int32_t>(columns));
  for (int bit = 30; bit >= 0 && !hn::AllTrue(bits, hn::Eq(reached, wanted)); --bit) {
    const auto candidate = hn::Or(threshold, hn::Set(bits, std::int32_t{1} << bit));
    if (hn::AllTrue(bits, hn::Gt(candidate, hn::BitCast(bits, hn::Set(d, highest_of_all))))) continue;
    const auto count = CountAbove(scores, columns, hn::Sub(candidate, one));
    const auto enough = hn::Gt(count, hn::Sub(wanted, one));
    threshold = hn::IfThenElse(enough, candidate, threshold);
    reached = hn::IfThenElse(enough, count, reached);
  }
  const auto below = hn::Sub(threshold, one);
  LaneSums largest;
  for (std::size_t c = 0; c < columns; ++c) {
    const V x = hn::Load(d, scores + c * kBlock);
    largest.add(hn::IfThenElseZero(hn::RebindMask(d, hn::Gt(hn::BitCast(bits, x), below)), x));
  }
  total.store(figures.total.data() + part);
  largest.store(figures.reached.data() + part);
  hn::StoreU(hn::BitCast(d, threshold), d, figures.threshold.data() + part);
  hn::StoreU(reached, bits, figures.reached_count.data() + part);
}

RowFigures FiguresOfRows(const float* HWY_RESTRICT scores, std::size_t columns, int most) {
  RowFigures figures;
  figures.lowest = figures.highest = scores[0];
  for (std::size_t part = 0; part < kBlock; part += hn::Lanes(D())) {
    FiguresOfPart(scores + part, columns, most, part, figures);
  }
  return figures;
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(ExactKeptAny);
HWY_EXPORT(FiguresOfRows);

double exact_kept_of_columns(const float* const* columns, const Pattern& pattern, std::size_t rows) {
  return HWY_DYNAMIC_DISPATCH(ExactKeptAny)(columns, pattern, rows);
}

RowFigures row_figures(const float* scores, std::size_t columns, int most) {
  return HWY_DYNAMIC_DISPATCH(FiguresOfRows)(scores, columns, most);
}

}  // namespace nmperm
#endif  // HWY_ONCE
