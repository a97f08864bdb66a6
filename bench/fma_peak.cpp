#include "bench/fma_peak.h"

#include <cstddef>

#include "bench/best_rate.h"

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/fma_peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm::bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// Twelve chains hide the latency and fit into 16 registers with their two factors.
constexpr int kChains = 12;

// They start from different values: equal chains would be folded into one.
float FmaChains(std::size_t rounds) {
  const D d;
  const V x = hn::Set(d, 0.5f), y = hn::Set(d, 0.25f);
  V s0 = hn::Set(d, 0.f), s1 = hn::Set(d, 1.f), s2 = hn::Set(d, 2.f), s3 = hn::Set(d, 3.f);
  V s4 = hn::Set(d, 4.f), s5 = hn::Set(d, 5.f), s6 = hn::Set(d, 6.f), s7 = hn::Set(d, 7.f);
  V s8 = hn::Set(d, 8.f), s9 = hn::Set(d, 9.f), s10 = hn::Set(d, 10.f), s11 = hn::Set(d, 11.f);
  for (std::size_t k = 0; k < rounds; ++k) {
    s0 = hn::MulAdd(s0, x, y);
    s1 = hn::MulAdd(s1, x, y);
    s2 = hn::MulAdd(s2, x, y);
    s3 = hn::MulAdd(s3, x, y);
    s4 = hn::MulAdd(s4, x, y);
    s5 = hn::MulAdd(s5, x, y);
    s6 = hn::MulAdd(s6, x, y);
    s7 = hn::MulAdd(s7, x, y);
    s8 = hn::MulAdd(s8, x, y);
    s9 = hn::MulAdd(s9, x, y);
    s10 = hn::MulAdd(s10, x, y);
    s11 = hn::MulAdd(s11, x, y);
  }
  const V low = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(s4, s5));
  const V high = hn::Add(hn::Add(hn::Add(s6, s7), hn::Add(s8, s9)), hn::Add(s10, s11));
  return hn::GetLane(hn::Add(low, high));
}

int FmasPerRound() {
  return kChains * static_cast<int>(hn::Lanes(D()));
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm::bench {

HWY_EXPORT(FmaChains);
HWY_EXPORT(FmasPerRound);

double fma_peak_per_s() {
  return best_rounds_per_s(40, 300000, HWY_DYNAMIC_DISPATCH(FmaChains)) *
         HWY_DYNAMIC_DISPATCH(FmasPerRound)();
}

}  // namespace nmperm::bench
#endif  // HWY_ONCE
