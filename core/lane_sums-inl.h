// Horizontal sums of four vectors at once, for kernels that end with many accumulators. Included once for
// every Highway target, after hwy/highway.h.

#if defined(NMPERM_CORE_LANE_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NMPERM_CORE_LANE_SUMS_INL_H_
#undef NMPERM_CORE_LANE_SUMS_INL_H_
#else
#define NMPERM_CORE_LANE_SUMS_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {

// four[k] = sum over the lanes of the k-th vector: 3 additions and 6 shuffles inside 128-bit blocks, then the
// blocks.
template <class V>
HWY_INLINE void store_lane_sums(V a, V b, V c, V e, float* HWY_RESTRICT four) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_SCALAR
  four[0] = hn::GetLane(a);
  four[1] = hn::GetLane(b);
  four[2] = hn::GetLane(c);
  four[3] = hn::GetLane(e);
#else
  const hn::DFromV<V> d;
  const V ac = hn::Add(hn::InterleaveLower(d, a, c), hn::InterleaveUpper(d, a, c));
  const V be = hn::Add(hn::InterleaveLower(d, b, e), hn::InterleaveUpper(d, b, e));
  const V blocks = hn::Add(hn::InterleaveLower(d, ac, be), hn::InterleaveUpper(d, ac, be));
  const hn::FixedTag<float, 4> d4;
#if HWY_MAX_BYTES == 16
  hn::Store(blocks, d4, four);
#elif HWY_MAX_BYTES == 32
  hn::Store(hn::Add(hn::LowerHalf(d4, blocks), hn::UpperHalf(d4, blocks)), d4, four);
#else
  const hn::FixedTag<float, 8> d8;
  const auto halves = hn::Add(hn::LowerHalf(d8, blocks), hn::UpperHalf(d8, blocks));
  hn::Store(hn::Add(hn::LowerHalf(d4, halves), hn::UpperHalf(d4, halves)), d4, four);
#endif
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
