#include "formulations/group_scan_kernel.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "core/score_matrix.h"

// AVX3_DL is the target with VNNI.
#define HWY_COMPILE_ALL_ATTAINABLE
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formulations/group_scan_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// kKeep = 0: N and M are known at run time only.
template <int kKeep, int kOthers>
float TupleThresholdOf(const float* const* others, const Pattern& pattern, std::size_t rows,
                       float* HWY_RESTRICT threshold) {
  const D d;
  const int keep = kKeep > 0 ? kKeep : pattern.keep;
  const int count = kKeep > 0 ? kOthers : pattern.group - 1;
  V base = hn::Zero(d);
  for (std::size_t r = 0; r < rows; r += hn::Lanes(d)) {
    V top[kKeep > 0 ? kKeep : Pattern::kMaxGroup];
    for (int n = 0; n < keep; ++n) top[n] = hn::Zero(d);
    for (int k = 0; k < count; ++k) {
      V x = hn::Load(d, others[k] + r);
      for (int n = 0; n < keep; ++n) {
        const V larger = hn::Max(top[n], x);
        x = hn::Min(top[n], x);
        top[n] = larger;
      }
    }
    for (int n = 0; n + 1 < keep; ++n) base = hn::Add(base, top[n]);
    hn::Store(top[keep - 1], d, threshold + r);
  }
  return hn::GetLane(hn::SumOfLanes(d, base));
}

float TupleThreshold(const float* const* others, const Pattern& pattern, std::size_t rows,
                     float* HWY_RESTRICT threshold) {
  if (pattern == Pattern{2, 4}) return TupleThresholdOf<2, 3>(others, pattern, rows, threshold);
  if (pattern == Pattern{1, 4}) return TupleThresholdOf<1, 3>(others, pattern, rows, threshold);
  return TupleThresholdOf<0, 0>(others, pattern, rows, threshold);
}

// Hits of one vector of values; `column` is the number of its first column.
HWY_INLINE std::size_t hits_of(V value, V bar, std::size_t tuple, std::size_t column, std::uint32_t* hits) {
  const D d;
  const auto hit = hn::Gt(value, bar);
  if (HWY_LIKELY(hn::AllFalse(d, hit))) return 0;
  std::uint8_t bits[8] = {};
  hn::StoreMaskBits(d, hit, bits);
  std::size_t count = 0;
  for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) {
    if (((bits[lane / 8] >> (lane % 8)) & 1) != 0) {
      hits[count++] = static_cast<std::uint32_t>(tuple << 16 | (column + lane));
    }
  }
  return count;
}

// kVectors vectors of a panel with kScanTuples tuples.
template <std::size_t kVectors>
HWY_INLINE std::size_t ScanFloatTile(const float* HWY_RESTRICT x, const float* HWY_RESTRICT t,
                                     std::size_t rows, std::size_t tuple, std::size_t column,
                                     const ScanTile& tile, std::uint32_t* hits) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  V sum[kScanTuples][kVectors];
  for (auto& row : sum) {
    for (auto& s : row) s = hn::Zero(d);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    V columns[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) columns[v] = hn::Load(d, x + r * kScanPanel + v * lanes);
    for (std::size_t i = 0; i < kScanTuples; ++i) {
      const V threshold = hn::Set(d, t[i * tile.stride + r]);
      for (std::size_t v = 0; v < kVectors; ++v)
        sum[i][v] = hn::Add(sum[i][v], hn::Max(threshold, columns[v]));
    }
  }
  std::size_t count = 0;
  for (std::size_t v = 0; v < kVectors; ++v) {
    const std::size_t first = column + v * lanes;
    const V price = hn::LoadU(d, tile.price + first);
    for (std::size_t i = 0; i < kScanTuples; ++i) {
      const V bar = hn::Add(price, hn::Set(d, tile.limit[tuple + i]));
      count += hits_of(sum[i][v], bar, tuple + i, first, hits + count);
    }
  }
  return count;
}

std::size_t ScanFloats(const ScanPanels& panels, const float* thresholds, const ScanTile& tile) {
  const D d;
  const std::size_t lanes = hn::Lanes(d), rows = panels.rows();
  std::size_t count = 0;
  for (std::size_t panel = tile.first / kScanPanel; panel * kScanPanel < panels.columns(); ++panel) {
    const std::size_t begin = std::max(tile.first, panel * kScanPanel) - panel * kScanPanel;
    const std::size_t end = std::min(kScanPanel, panels.columns() - panel * kScanPanel);
    const float* const x = panels.floats(panel);
    std::size_t v = begin / lanes * lanes;
    const auto scan = [&](auto vectors) {
      for (std::size_t i = 0; i < tile.tuples; i += kScanTuples) {
        count += ScanFloatTile<vectors()>(x + v, thresholds + i * tile.stride, rows, i,
                                          panel * kScanPanel + v, tile, tile.hits + count);
      }
      v += vectors() * lanes;
    };
    while (v + lanes < end) scan(std::integral_constant<std::size_t, 2>());
    if (v < end) scan(std::integral_constant<std::size_t, 1>());
  }
  return count;
}

#if HWY_TARGET == HWY_AVX3_DL
// Highway 1.0.3 wraps neither of the two dot products.
using Bytes = __m512i;
using Sums = __m512i;
constexpr std::size_t kByteLanes = 16;
constexpr bool kFastBytes = true;
HWY_INLINE Sums zero() {
  return _mm512_setzero_si512();
}
HWY_INLINE Bytes load(const void* from) {
  return _mm512_loadu_si512(from);
}
HWY_INLINE Bytes spread(const void* from) {
  std::int32_t four;
  std::memcpy(&four, from, sizeof four);
  return _mm512_set1_epi32(four);
}
HWY_INLINE Sums add_dot(Sums sum, Bytes threshold, Bytes column, Bytes weights) {
  // Highway's flags for this target leave out VNNI, which it tests for at run time: the assembler takes it
  // all the same.
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(_mm512_max_epu8(threshold, column)), "v"(weights));
  return sum;
}
HWY_INLINE V to_float(Sums sum) {
  return V{_mm512_cvtepi32_ps(sum)};
}
#elif HWY_TARGET == HWY_AVX2
using Bytes = __m256i;
using Sums = __m256i;
constexpr std::size_t kByteLanes = 8;
constexpr bool kFastBytes = true;
HWY_INLINE Sums zero() {
  return _mm256_setzero_si256();
}
HWY_INLINE Bytes load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
HWY_INLINE Bytes spread(const void* from) {
  std::int32_t four;
  std::memcpy(&four, from, sizeof four);
  return _mm256_set1_epi32(four);
}
HWY_INLINE Sums add_dot(Sums sum, Bytes threshold, Bytes column, Bytes weights) {
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_max_epu8(threshold, column), weights);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
HWY_INLINE V to_float(Sums sum) {
  return V{_mm256_cvtepi32_ps(sum)};
}
#else
// Plain integers: correct everywhere, and not used where they are slow (scan_bytes_is_fast).
constexpr bool kFastBytes = false;
#endif

#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX2
template <std::size_t kVectors>
HWY_INLINE std::size_t ScanByteTile(const std::uint8_t* HWY_RESTRICT x, const std::uint8_t* HWY_RESTRICT t,
                                    const std::int8_t* HWY_RESTRICT weights, float unit, std::size_t rows,
                                    std::size_t tuple, std::size_t column, const ScanTile& tile,
                                    std::uint32_t* hits) {
  const D d;
  Sums sum[kScanTuples][kVectors];
  for (auto& row : sum) {
    for (auto& s : row) s = zero();
  }
  for (std::size_t r = 0; r < rows; r += kScanRows) {
    const Bytes weight = spread(weights + r);
    Bytes columns[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      columns[v] = load(x + r * kScanPanel + v * kByteLanes * kScanRows);
    }
    for (std::size_t i = 0; i < kScanTuples; ++i) {
      const Bytes threshold = spread(t + i * tile.stride + r);
      for (std::size_t v = 0; v < kVectors; ++v)
        sum[i][v] = add_dot(sum[i][v], threshold, columns[v], weight);
    }
  }
  const V scale = hn::Set(d, unit);
  std::size_t count = 0;
  for (std::size_t v = 0; v < kVectors; ++v) {
    const std::size_t first = column + v * kByteLanes;
    const V price = hn::LoadU(d, tile.price + first);
    for (std::size_t i = 0; i < kScanTuples; ++i) {
      const V bar = hn::Add(price, hn::Set(d, tile.limit[tuple + i]));
      count += hits_of(hn::Mul(to_float(sum[i][v]), scale), bar, tuple + i, first, hits + count);
    }
  }
  return count;
}

std::size_t ScanBytes(const ScanPanels& panels, const std::uint8_t* thresholds, const std::int8_t* weights,
                      float unit, const ScanTile& tile) {
  const std::size_t rows = panels.rows();
  std::size_t count = 0;
  for (std::size_t panel = tile.first / kScanPanel; panel * kScanPanel < panels.columns(); ++panel) {
    const std::size_t begin = std::max(tile.first, panel * kScanPanel) - panel * kScanPanel;
    const std::size_t end = std::min(kScanPanel, panels.columns() - panel * kScanPanel);
    const std::uint8_t* const x = panels.bytes(panel);
    std::size_t v = begin / kByteLanes * kByteLanes;
    const auto scan = [&](auto vectors) {
      for (std::size_t i = 0; i < tile.tuples; i += kScanTuples) {
        count += ScanByteTile<vectors()>(x + v * kScanRows, thresholds + i * tile.stride, weights, unit, rows,
                                         i, panel * kScanPanel + v, tile, tile.hits + count);
      }
      v += vectors() * kByteLanes;
    };
    while (v + kByteLanes < end) scan(std::integral_constant<std::size_t, 2>());
    if (v < end) scan(std::integral_constant<std::size_t, 1>());
  }
  return count;
}
#else
std::size_t ScanBytes(const ScanPanels& panels, const std::uint8_t* thresholds, const std::int8_t* weights,
                      float unit, const ScanTile& tile) {
  const std::size_t rows = panels.rows();
  std::size_t count = 0;
  for (std::size_t i = 0; i < tile.tuples; ++i) {
    for (std::size_t j = tile.first; j < panels.columns(); ++j) {
      const std::uint8_t* const x = panels.bytes(j / kScanPanel) + j % kScanPanel * kScanRows;
      std::int32_t sum = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        const std::uint8_t score = x[r / kScanRows * kScanRows * kScanPanel + r % kScanRows];
        sum += weights[r] * std::max(thresholds[i * tile.stride + r], score);
      }
      if (static_cast<float>(sum) * unit > tile.limit[i] + tile.price[j]) {
        tile.hits[count++] = static_cast<std::uint32_t>(i << 16 | j);
      }
    }
  }
  return count;
}
#endif

bool FastBytes() {
  return kFastBytes;
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(TupleThreshold);
HWY_EXPORT(ScanFloats);
HWY_EXPORT(ScanBytes);
HWY_EXPORT(FastBytes);

void ScanPanels::Free::operator()(std::byte* data) const {
  std::free(data);
}

void ScanPanels::allocate(std::size_t size_bytes) {
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(64, (size_bytes + 63) / 64 * 64)));
  if (!data_) throw std::bad_alloc();
  std::memset(data_.get(), 0, size_bytes);
}

ScanPanels::ScanPanels(const std::vector<const float*>& columns, std::size_t rows)
    : columns_(columns.size()), rows_(rows) {
  const std::size_t panels = (columns_ + kScanPanel - 1) / kScanPanel;
  allocate(panels * rows * kScanPanel * sizeof(float));
  float* const to = reinterpret_cast<float*>(data_.get());
  for (std::size_t j = 0; j < columns_; ++j) {
    float* const panel = to + j / kScanPanel * rows * kScanPanel + j % kScanPanel;
    for (std::size_t r = 0; r < rows; ++r) panel[r * kScanPanel] = columns[j][r];
  }
}

ScanPanels::ScanPanels(const std::vector<const std::uint8_t*>& columns, std::size_t rows)
    : columns_(columns.size()), rows_(rows) {
  const std::size_t panels = (columns_ + kScanPanel - 1) / kScanPanel;
  allocate(panels * rows * kScanPanel);
  auto* const to = reinterpret_cast<std::uint8_t*>(data_.get());
  for (std::size_t j = 0; j < columns_; ++j) {
    std::uint8_t* const panel = to + j / kScanPanel * rows * kScanPanel + j % kScanPanel * kScanRows;
    for (std::size_t r = 0; r < rows; ++r) {
      panel[r / kScanRows * kScanRows * kScanPanel + r % kScanRows] = columns[j][r];
    }
  }
}

const float* ScanPanels::floats(std::size_t panel) const {
  return reinterpret_cast<const float*>(data_.get()) + panel * rows_ * kScanPanel;
}

const std::uint8_t* ScanPanels::bytes(std::size_t panel) const {
  return reinterpret_cast<const std::uint8_t*>(data_.get()) + panel * rows_ * kScanPanel;
}

float tuple_threshold(const float* const* others, const Pattern& pattern, std::size_t rows,
                      float* threshold) {
  return HWY_DYNAMIC_DISPATCH(TupleThreshold)(others, pattern, rows, threshold);
}

std::size_t scan_floats(const ScanPanels& panels, const float* thresholds, const ScanTile& tile) {
  return HWY_DYNAMIC_DISPATCH(ScanFloats)(panels, thresholds, tile);
}

std::size_t scan_bytes(const ScanPanels& panels, const std::uint8_t* thresholds, const std::int8_t* weights,
                       float unit, const ScanTile& tile) {
  return HWY_DYNAMIC_DISPATCH(ScanBytes)(panels, thresholds, weights, unit, tile);
}

bool scan_bytes_is_fast() {
  return HWY_DYNAMIC_DISPATCH(FastBytes)();
}

}  // namespace nmperm
#endif  // HWY_ONCE
