#include "heuristics/row_scan.h"

#include <cstdint>

#include <hwy/cache_control.h>

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heuristics/row_scan.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

std::size_t ScanAbove(const float* HWY_RESTRICT w, const float* HWY_RESTRICT price, std::size_t count,
                      float threshold, const float* next, int* HWY_RESTRICT indices,
                      float* HWY_RESTRICT values) {
  const hn::CappedTag<float, 16> d;
  const hn::CappedTag<std::int32_t, 16> di;
  const auto limit = hn::Set(d, threshold);
  constexpr std::size_t kLine = 16;  // floats of a cache line
  std::size_t found = 0;
  for (std::size_t j = 0; j < count; j += hn::Lanes(d)) {
    if (next != nullptr && j % kLine == 0) hwy::Prefetch(next + j);
    const auto value = hn::Sub(hn::LoadU(d, w + j), hn::LoadU(d, price + j));
    const auto above = hn::Gt(value, limit);
    if (hn::AllFalse(d, above)) continue;
    hn::CompressBlendedStore(value, above, d, values + found);
    found += hn::CompressBlendedStore(hn::Iota(di, static_cast<std::int32_t>(j)), hn::RebindMask(di, above),
                                      di, indices + found);
  }
  return found;
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(ScanAbove);

std::size_t scan_above(const float* w, const float* price, std::size_t count, float threshold,
                       const float* next, int* indices, float* values) {
  return HWY_DYNAMIC_DISPATCH(ScanAbove)(w, price, count, threshold, next, indices, values);
}

}  // namespace nmperm
#endif  // HWY_ONCE
