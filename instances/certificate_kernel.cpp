#include "instances/certificate_kernel.h"

#include <limits>

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "instances/certificate_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, kPanelColumns>;
using I = hn::RebindToSigned<D>;
using V = hn::Vec<D>;
using VI = hn::Vec<I>;

void AddToLargest(const double* HWY_RESTRICT top, const double* HWY_RESTRICT column, int keep,
                  std::size_t rows, double* HWY_RESTRICT with_column) {
  const D d;
  for (std::size_t r = 0; r < rows; r += hn::Lanes(d)) {
    V x = hn::Load(d, column + r);
    for (int n = 0; n < keep; ++n) {
      const std::size_t at = static_cast<std::size_t>(n) * rows + r;
      const V old = hn::Load(d, top + at);
      hn::Store(hn::Max(old, x), d, with_column + at);
      x = hn::Min(old, x);
    }
  }
}

void PairThresholds(const double* HWY_RESTRICT top, const double* HWY_RESTRICT panel, int keep,
                    std::size_t rows, double* HWY_RESTRICT thresholds, double* HWY_RESTRICT sums) {
  const D d;
  const double* const low = top + static_cast<std::size_t>(keep - 1) * rows;
  for (std::size_t b = 0; b < kPanelColumns; b += hn::Lanes(d)) {
    V sum = hn::Zero(d);
    for (std::size_t r = 0; r < rows; ++r) {
      const V x = hn::Load(d, panel + r * kPanelColumns + b);
      V threshold = hn::Max(x, hn::Set(d, low[r]));
      if (keep > 1) {
        // x takes its place among the N - 1 largest, and what falls out may be the N-th.
        const V high = hn::Set(d, top[static_cast<std::size_t>(keep - 2) * rows + r]);
        threshold = hn::Min(threshold, high);
        sum = hn::Add(sum, hn::Max(x, high));
        for (int n = 0; n < keep - 2; ++n)
          sum = hn::Add(sum, hn::Set(d, top[static_cast<std::size_t>(n) * rows + r]));
      }
      hn::Store(threshold, d, thresholds + r * kPanelColumns + b);
    }
    hn::Store(sum, d, sums + b);
  }
}

std::int64_t ReducedCosts(const PairTile& tile, std::size_t rows, std::int64_t* HWY_RESTRICT reduced,
                          std::int64_t* HWY_RESTRICT least_first, std::int64_t* HWY_RESTRICT least_last) {
  const D d;
  const I i;
  VI least_of_all = hn::Set(i, std::numeric_limits<std::int64_t>::max());
  for (std::size_t lane = 0; lane < kPanelColumns; lane += hn::Lanes(d)) {
    V a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    for (std::size_t r = 0; r < rows; ++r) {
      const double* const t = tile.thresholds + r * kPanelColumns;
      const V x = hn::Load(d, tile.panel + r * kPanelColumns + lane);
      a0 = hn::Add(a0, hn::Max(x, hn::Set(d, t[0])));
      a1 = hn::Add(a1, hn::Max(x, hn::Set(d, t[1])));
      a2 = hn::Add(a2, hn::Max(x, hn::Set(d, t[2])));
      a3 = hn::Add(a3, hn::Max(x, hn::Set(d, t[3])));
      a4 = hn::Add(a4, hn::Max(x, hn::Set(d, t[4])));
      a5 = hn::Add(a5, hn::Max(x, hn::Set(d, t[5])));
      a6 = hn::Add(a6, hn::Max(x, hn::Set(d, t[6])));
      a7 = hn::Add(a7, hn::Max(x, hn::Set(d, t[7])));
    }
    const V kept[kPanelColumns] = {a0, a1, a2, a3, a4, a5, a6, a7};
    const VI last = hn::Iota(i, static_cast<std::int64_t>(lane));
    const VI last_cost = hn::Load(i, tile.last_cost + lane);
    VI least = hn::Set(i, std::numeric_limits<std::int64_t>::max());
    for (int b = 0; b < kPanelColumns; ++b) {
      const VI cost = hn::Sub(hn::Add(hn::Set(i, tile.first_cost[b]), last_cost), hn::ConvertTo(i, kept[b]));
      const auto too_early = hn::Lt(last, hn::Set(i, tile.first_last[b]));
      const VI here = hn::IfThenElse(too_early, hn::Set(i, kNoGroup), cost);
      const std::size_t at = static_cast<std::size_t>(b) * kPanelColumns + lane;
      hn::Store(here, i, reduced + at);
      hn::Store(hn::Min(here, hn::Load(i, least_first + at)), i, least_first + at);
      least = hn::Min(least, here);
    }
    hn::Store(hn::Min(least, hn::Load(i, least_last + lane)), i, least_last + lane);
    least_of_all = hn::Min(least_of_all, least);
  }
  return hn::GetLane(hn::MinOfLanes(i, least_of_all));
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(AddToLargest);
HWY_EXPORT(PairThresholds);
HWY_EXPORT(ReducedCosts);

void add_to_largest(const double* top, const double* column, int keep, std::size_t rows,
                    double* with_column) {
  HWY_DYNAMIC_DISPATCH(AddToLargest)(top, column, keep, rows, with_column);
}

void pair_thresholds(const double* top, const double* panel, int keep, std::size_t rows, double* thresholds,
                     double* sums) {
  HWY_DYNAMIC_DISPATCH(PairThresholds)(top, panel, keep, rows, thresholds, sums);
}

std::int64_t reduced_costs(const PairTile& tile, std::size_t rows, std::int64_t* reduced,
                           std::int64_t* least_first, std::int64_t* least_last) {
  return HWY_DYNAMIC_DISPATCH(ReducedCosts)(tile, rows, reduced, least_first, least_last);
}

}  // namespace nmperm
#endif  // HWY_ONCE
