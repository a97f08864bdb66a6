#include "core/max_plus_product.h"

#include <algorithm>
#include <array>

#include "core/group_kernels.h"

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/max_plus_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/lane_sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// A tile of accumulators, its thresholds and one column fill the vector registers: 24 + 4 + 1 of 32, or 8 + 2
// + 1 of 16.
constexpr std::size_t kTileI = HWY_TARGET == HWY_AVX3 ? 4 : 2;
constexpr std::size_t kTileJ = HWY_TARGET == HWY_AVX3 ? 6 : 4;

// Adds rows begin..end of one tile. Tiles at the edge repeat the last pointer and drop what they find for it.
HWY_INLINE void add_tile(const float* const* HWY_RESTRICT t, const float* const* HWY_RESTRICT x,
                         std::size_t begin, std::size_t end, float* HWY_RESTRICT sums) {
  const D d;
  V acc[kTileI][kTileJ];
  for (std::size_t i = 0; i < kTileI; ++i) {
    for (std::size_t j = 0; j < kTileJ; ++j) acc[i][j] = hn::Zero(d);
  }
  for (std::size_t r = begin; r < end; r += hn::Lanes(d)) {
    V threshold[kTileI];
    for (std::size_t i = 0; i < kTileI; ++i) threshold[i] = hn::Load(d, t[i] + r);
    for (std::size_t j = 0; j < kTileJ; ++j) {
      const V column = hn::Load(d, x[j] + r);
      for (std::size_t i = 0; i < kTileI; ++i) acc[i][j] = hn::Add(acc[i][j], hn::Max(threshold[i], column));
    }
  }
  const V* const flat = &acc[0][0];
  for (std::size_t k = 0; k < kTileI * kTileJ; k += 4) {
    store_lane_sums(flat[k], flat[k + 1], flat[k + 2], flat[k + 3], sums + k);
  }
}

void MaxPlusProduct(const float* const* thresholds, std::size_t m, const float* const* columns, std::size_t n,
                    std::size_t rows, float* w, std::size_t stride) {
  // A block of columns and of thresholds stays in a second-level cache while all their tiles are formed.
  constexpr std::size_t kBlockI = 16 * kTileI, kBlockJ = 16 * kTileJ;
  for (std::size_t r = 0; r < rows; r += kSumBlock) {
    const std::size_t r_end = std::min(r + kSumBlock, rows);
    for (std::size_t j_block = 0; j_block < n; j_block += kBlockJ) {
      for (std::size_t i_block = 0; i_block < m; i_block += kBlockI) {
        for (std::size_t j = j_block; j < std::min(j_block + kBlockJ, n); j += kTileJ) {
          std::array<const float*, kTileJ> x;
          for (std::size_t k = 0; k < kTileJ; ++k) x[k] = columns[std::min(j + k, n - 1)];
          for (std::size_t i = i_block; i < std::min(i_block + kBlockI, m); i += kTileI) {
            std::array<const float*, kTileI> t;
            for (std::size_t k = 0; k < kTileI; ++k) t[k] = thresholds[std::min(i + k, m - 1)];
            HWY_ALIGN float sums[kTileI * kTileJ];
            add_tile(t.data(), x.data(), r, r_end, sums);
            for (std::size_t a = 0; a < std::min(kTileI, m - i); ++a) {
              float* const row = w + (i + a) * stride + j;
              for (std::size_t b = 0; b < std::min(kTileJ, n - j); ++b) {
                row[b] = r == 0 ? sums[a * kTileJ + b] : row[b] + sums[a * kTileJ + b];
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(MaxPlusProduct);

void max_plus_product(const float* const* thresholds, std::size_t m, const float* const* columns,
                      std::size_t n, std::size_t rows, float* w, std::size_t stride) {
  HWY_DYNAMIC_DISPATCH(MaxPlusProduct)(thresholds, m, columns, n, rows, w, stride);
}

}  // namespace nmperm
#endif  // HWY_ONCE
