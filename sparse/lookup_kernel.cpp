#include "sparse/lookup_kernel.h"

#include <utility>

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sparse/lookup_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_MAX_BYTES >= 32 && HWY_TARGET != HWY_SCALAR

using D = hn::CappedTag<float, 16>;
using DI = hn::RebindToSigned<D>;
using V = hn::Vec<D>;

constexpr int kLanes = HWY_MAX_BYTES >= 64 ? 16 : 8;

int LookupLanes() {
  return kLanes;
}

/// The sums of the lower and of the upper half of the lanes of four vectors: 3 additions and 6 shuffles
/// inside 128-bit blocks, then the blocks.
HWY_INLINE void StoreHalfSums(const V* v, float* HWY_RESTRICT lower, float* HWY_RESTRICT upper) {
  const D d;
  const hn::FixedTag<float, 4> d4;
  const V ac = hn::Add(hn::InterleaveLower(d, v[0], v[2]), hn::InterleaveUpper(d, v[0], v[2]));
  const V be = hn::Add(hn::InterleaveLower(d, v[1], v[3]), hn::InterleaveUpper(d, v[1], v[3]));
  const V blocks = hn::Add(hn::InterleaveLower(d, ac, be), hn::InterleaveUpper(d, ac, be));
#if HWY_MAX_BYTES == 32
  hn::Store(hn::LowerHalf(d4, blocks), d4, lower);
  hn::Store(hn::UpperHalf(d4, blocks), d4, upper);
#else
  const hn::FixedTag<float, 8> d8;
  const auto low = hn::LowerHalf(d8, blocks), high = hn::UpperHalf(d8, blocks);
  hn::Store(hn::Add(hn::LowerHalf(d4, low), hn::UpperHalf(d4, low)), d4, lower);
  hn::Store(hn::Add(hn::LowerHalf(d4, high), hn::UpperHalf(d4, high)), d4, upper);
#endif
}

/// kPairs pairs of rows of a unit, from `first_pair` on, times kColumns columns.
template <int kColumns, int kPairs>
HWY_INLINE void MultiplyPairs(const LookupPlan& plan, const float* HWY_RESTRICT columns, int unit,
                              int first_pair, float* HWY_RESTRICT y) {
  const D d;
  const DI di;
  alignas(64) std::int32_t shifts[kLanes], bases[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    shifts[i] = 2 * i;
    bases[i] = i % (kLanes / 2) / 2 * 4;  // the group's first lane of the table
  }
  const auto shift = hn::Load(di, shifts), base = hn::Load(di, bases), two_bits = hn::Set(di, 3);
  const hn::RebindToUnsigned<D> du;

  // Filled up to a multiple of four for the sums.
  constexpr int kSums = (kPairs * kColumns + 3) / 4 * 4;
  V sums[kSums];
  for (int s = 0; s < kSums; ++s) sums[s] = hn::Zero(d);
  const auto padded = static_cast<std::size_t>(plan.padded_columns());
  const std::size_t first =
      static_cast<std::size_t>(unit) * static_cast<std::size_t>(plan.steps()) * kLookupPairs +
      static_cast<std::size_t>(first_pair);
  const std::uint32_t* HWY_RESTRICT places = plan.places.data() + first;
  const float* HWY_RESTRICT values = plan.values.data() + first * kLanes;
  for (std::size_t c = 0; c < padded; c += kLanes) {
    for (int p = 0; p < kPairs; ++p) {
      const auto packed = hn::BitCast(di, hn::Shr(hn::Set(du, places[p]), hn::BitCast(du, shift)));
      const auto indices = hn::IndicesFromVec(d, hn::OrAnd(base, packed, two_bits));
      const V a = hn::LoadU(d, values + p * kLanes);
      for (int j = 0; j < kColumns; ++j) {
        const V table = hn::Load(d, columns + static_cast<std::size_t>(j) * padded + c);
        sums[p * kColumns + j] = hn::MulAdd(a, hn::TableLookupLanes(table, indices), sums[p * kColumns + j]);
      }
    }
    places += kLookupPairs;
    values += kLookupPairs * kLanes;
  }

  alignas(16) float lower[kSums], upper[kSums];
  for (int s = 0; s < kSums; s += 4) StoreHalfSums(sums + s, lower + s, upper + s);
  for (int p = 0; p < kPairs; ++p) {
    const int row = unit * kLookupRows + 2 * (first_pair + p);
    float* const out = y + static_cast<std::size_t>(row) * kColumns;
    for (int j = 0; j < kColumns && row < plan.rows; ++j) out[j] = lower[p * kColumns + j];
    for (int j = 0; j < kColumns && row + 1 < plan.rows; ++j) out[kColumns + j] = upper[p * kColumns + j];
  }
}

template <int kColumns>
void MultiplyUnits(const LookupPlan& plan, const float* columns, int first_unit, int end_unit, float* y) {
  // As many sums as registers allow: their additions do not wait for each other.
  constexpr int kSums = kLanes == 16 ? 16 : 8;
  constexpr int kPairs = 4 * kColumns <= kSums ? 4 : 2 * kColumns <= kSums ? 2 : 1;
  for (int unit = first_unit; unit < end_unit; ++unit) {
    for (int pair = 0; pair < kLookupPairs; pair += kPairs) {
      MultiplyPairs<kColumns, kPairs>(plan, columns, unit, pair, y);
    }
  }
}

template <int... kIndex>
void DispatchLookup(const LookupPlan& plan, const float* columns, int n, int first_unit, int end_unit,
                    float* y, std::integer_sequence<int, kIndex...>) {
  using Kernel = void (*)(const LookupPlan&, const float*, int, int, float*);
  static constexpr Kernel kKernels[] = {MultiplyUnits<kIndex + 1>...};
  kKernels[n - 1](plan, columns, first_unit, end_unit, y);
}

void MultiplyByLookup(const LookupPlan& plan, const float* columns, int n, int first_unit, int end_unit,
                      float* y) {
  DispatchLookup(plan, columns, n, first_unit, end_unit, y,
                 std::make_integer_sequence<int, kLookupMaxColumns>());
}

#else

int LookupLanes() {
  return 0;
}

void MultiplyByLookup(const LookupPlan&, const float*, int, int, int, float*) {}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(LookupLanes);
HWY_EXPORT(MultiplyByLookup);

int lookup_kernel_lanes() {
  return HWY_DYNAMIC_DISPATCH(LookupLanes)();
}

void multiply_by_lookup(const LookupPlan& plan, const float* columns, int n, int first_unit, int end_unit,
                        float* y) {
  HWY_DYNAMIC_DISPATCH(MultiplyByLookup)(plan, columns, n, first_unit, end_unit, y);
}

}  // namespace nmperm
#endif  // HWY_ONCE
