#include "bench/vector_peak.h"

#include <cstddef>

#include "bench/best_rate.h"

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/vector_peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm::bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

int Lanes() {
  return static_cast<int>(hn::Lanes(D()));
}

// Six chains of max and six of add: enough to hide latency, few enough for 16 registers. A maximum takes in
// the growing sum next to it, so that nothing can be folded away.
constexpr int kOperations = 12;

float Chains(std::size_t rounds) {
  const D d;
  const V step = hn::Set(d, 0.5f);
  V m0 = step, m1 = step, m2 = step, m3 = step, m4 = step, m5 = step;
  V a0 = hn::Set(d, 1.f), a1 = hn::Set(d, 2.f), a2 = hn::Set(d, 3.f);
  V a3 = hn::Set(d, 4.f), a4 = hn::Set(d, 5.f), a5 = hn::Set(d, 6.f);
  for (std::size_t k = 0; k < rounds; ++k) {
    m0 = hn::Max(m0, a0);
    a0 = hn::Add(a0, step);
    m1 = hn::Max(m1, a1);
    a1 = hn::Add(a1, step);
    m2 = hn::Max(m2, a2);
    a2 = hn::Add(a2, step);
    m3 = hn::Max(m3, a3);
    a3 = hn::Add(a3, step);
    m4 = hn::Max(m4, a4);
    a4 = hn::Add(a4, step);
    m5 = hn::Max(m5, a5);
    a5 = hn::Add(a5, step);
  }
  const V m = hn::Max(hn::Max(hn::Max(m0, m1), hn::Max(m2, m3)), hn::Max(m4, m5));
  return hn::GetLane(hn::Add(m, hn::Add(hn::Add(a0, a1), hn::Add(hn::Add(a2, a3), hn::Add(a4, a5)))));
}

int Operations() {
  return kOperations;
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm::bench {

HWY_EXPORT(Lanes);
HWY_EXPORT(Chains);
HWY_EXPORT(Operations);

int vector_lanes() {
  return HWY_DYNAMIC_DISPATCH(Lanes)();
}

double vector_peak_ops_per_s() {
  return best_rounds_per_s(25, 500000, HWY_DYNAMIC_DISPATCH(Chains)) * HWY_DYNAMIC_DISPATCH(Operations)();
}

}  // namespace nmperm::bench
#endif  // HWY_ONCE
