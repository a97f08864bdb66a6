#include <algorithm>
#include <array>

#include "core/quantised_scores.h"

// AVX3_DL is the target with VNNI.
#define HWY_COMPILE_ALL_ATTAINABLE
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/max_plus_product_bytes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_AVX3_DL
// Highway 1.0.3 wraps neither of the two dot products.
using Bytes = __m512i;
using Sum = __m512i;
constexpr std::size_t kLanes = 64, kTileI = 4, kTileJ = 6;
HWY_INLINE Sum zero() {
  return _mm512_setzero_si512();
}
HWY_INLINE Bytes load(const void* from) {
  return _mm512_loadu_si512(from);
}
HWY_INLINE Sum add_dot(Sum sum, Bytes threshold, Bytes column, Bytes weights) {
  // Highway's flags for this target leave out VNNI, which it tests for at run time: the assembler takes it
  // all the same.
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(_mm512_max_epu8(threshold, column)), "v"(weights));
  return sum;
}
HWY_INLINE std::int32_t total(Sum sum) {
  return _mm512_reduce_add_epi32(sum);
}
#elif HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
using Bytes = __m256i;
using Sum = __m256i;
constexpr std::size_t kLanes = 32, kTileI = 2, kTileJ = 4;
HWY_INLINE Sum zero() {
  return _mm256_setzero_si256();
}
HWY_INLINE Bytes load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
HWY_INLINE Sum add_dot(Sum sum, Bytes threshold, Bytes column, Bytes weights) {
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_max_epu8(threshold, column), weights);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
HWY_INLINE std::int32_t total(Sum sum) {
  const __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  const __m128i pair = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(pair, _mm_shuffle_epi32(pair, 0xb1)));
}
#else
// Plain integers: on such a machine float32 is no slower, and the callers that care measure.
struct Bytes {
  const std::uint8_t* at;
};
using Sum = std::int32_t;
constexpr std::size_t kLanes = 16, kTileI = 1, kTileJ = 4;
HWY_INLINE Sum zero() {
  return 0;
}
HWY_INLINE Bytes load(const void* from) {
  return {static_cast<const std::uint8_t*>(from)};
}
HWY_INLINE Sum add_dot(Sum sum, Bytes threshold, Bytes column, Bytes weights) {
  for (std::size_t k = 0; k < kLanes; ++k) {
    sum += static_cast<std::int32_t>(std::max(threshold.at[k], column.at[k])) *
           static_cast<std::int8_t>(weights.at[k]);
  }
  return sum;
}
HWY_INLINE std::int32_t total(Sum sum) {
  return sum;
}
#endif

HWY_INLINE void tile(const std::uint8_t* const* HWY_RESTRICT t, const std::uint8_t* const* HWY_RESTRICT x,
                     const std::int8_t* HWY_RESTRICT weights, std::size_t rows,
                     std::int32_t* HWY_RESTRICT sums) {
  Sum acc[kTileI][kTileJ];
  for (std::size_t i = 0; i < kTileI; ++i) {
    for (std::size_t j = 0; j < kTileJ; ++j) acc[i][j] = zero();
  }
  for (std::size_t r = 0; r < rows; r += kLanes) {
    const Bytes weight = load(weights + r);
    Bytes threshold[kTileI];
    for (std::size_t i = 0; i < kTileI; ++i) threshold[i] = load(t[i] + r);
    for (std::size_t j = 0; j < kTileJ; ++j) {
      const Bytes column = load(x[j] + r);
      for (std::size_t i = 0; i < kTileI; ++i) acc[i][j] = add_dot(acc[i][j], threshold[i], column, weight);
    }
  }
  for (std::size_t i = 0; i < kTileI; ++i) {
    for (std::size_t j = 0; j < kTileJ; ++j) sums[i * kTileJ + j] = total(acc[i][j]);
  }
}

void MaxPlusProductBytes(const std::uint8_t* const* thresholds, std::size_t m,
                         const std::uint8_t* const* columns, std::size_t n, const std::int8_t* weights,
                         std::size_t rows, std::int32_t* w, std::size_t stride) {
  constexpr std::size_t kBlockI = 16 * kTileI, kBlockJ = 16 * kTileJ;
  for (std::size_t j_block = 0; j_block < n; j_block += kBlockJ) {
    for (std::size_t i_block = 0; i_block < m; i_block += kBlockI) {
      for (std::size_t j = j_block; j < std::min(j_block + kBlockJ, n); j += kTileJ) {
        std::array<const std::uint8_t*, kTileJ> x;
        for (std::size_t k = 0; k < kTileJ; ++k) x[k] = columns[std::min(j + k, n - 1)];
        for (std::size_t i = i_block; i < std::min(i_block + kBlockI, m); i += kTileI) {
          std::array<const std::uint8_t*, kTileI> t;
          for (std::size_t k = 0; k < kTileI; ++k) t[k] = thresholds[std::min(i + k, m - 1)];
          std::int32_t sums[kTileI * kTileJ];
          tile(t.data(), x.data(), weights, rows, sums);
          for (std::size_t a = 0; a < std::min(kTileI, m - i); ++a) {
            std::copy_n(sums + a * kTileJ, std::min(kTileJ, n - j), w + (i + a) * stride + j);
          }
        }
      }
    }
  }
}

void SlotThresholdBytes(const std::uint8_t* const* others, const Pattern& pattern, std::size_t rows,
                        std::uint8_t* HWY_RESTRICT threshold) {
  const hn::CappedTag<std::uint8_t, 64> d;
  for (std::size_t r = 0; r < rows; r += hn::Lanes(d)) {
    hn::Vec<decltype(d)> top[Pattern::kMaxGroup];
    for (int n = 0; n < pattern.keep; ++n) top[n] = hn::Zero(d);
    for (int k = 0; k < pattern.group - 1; ++k) {
      auto x = hn::Load(d, others[k] + r);
      for (int n = 0; n < pattern.keep; ++n) {
        const auto larger = hn::Max(top[n], x);
        x = hn::Min(top[n], x);
        top[n] = larger;
      }
    }
    hn::Store(top[pattern.keep - 1], d, threshold + r);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(MaxPlusProductBytes);
HWY_EXPORT(SlotThresholdBytes);

void slot_threshold_bytes(const std::uint8_t* const* others, const Pattern& pattern, std::size_t rows,
                          std::uint8_t* threshold) {
  HWY_DYNAMIC_DISPATCH(SlotThresholdBytes)(others, pattern, rows, threshold);
}

void max_plus_product_bytes(const std::uint8_t* const* thresholds, std::size_t m,
                            const std::uint8_t* const* columns, std::size_t n, const std::int8_t* weights,
                            std::size_t rows, std::int32_t* w, std::size_t stride) {
  HWY_DYNAMIC_DISPATCH(MaxPlusProductBytes)(thresholds, m, columns, n, weights, rows, w, stride);
}

}  // namespace nmperm
#endif  // HWY_ONCE
