#include "sparse/pair_kernel.h"

#include <utility>

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sparse/pair_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

int PairLanes() {
  return static_cast<int>(hn::Lanes(D()));
}

// Two rows of sums, two values of A and a vector of B have to fit into the registers: 32 of AVX-512, else 16.
constexpr int kMaxVectors = HWY_MAX_BYTES >= 64 ? 8 : 6;

int PairMaxVectors() {
  return kMaxVectors;
}

/// One tile with its position in the plan's streams.
struct Tile {
  const RowPair* pairs;
  std::size_t count;
  const float* values;
  const std::uint8_t* offsets;
  int row_values;  ///< values of a row in this block
};

// g++ would load a vector from memory once for each of its uses; this keeps it in a register.
HWY_INLINE V InRegister(V v) {
#if HWY_COMPILER_GCC_ACTUAL && HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
  __asm__("" : "+v"(v.raw));
#endif
  return v;
}

template <int kVectors>
HWY_INLINE void Shared(const float* HWY_RESTRICT row, V a0, V a1, V* HWY_RESTRICT sum0,
                       V* HWY_RESTRICT sum1) {
  const D d;
  for (int v = 0; v < kVectors; ++v) {
    const V b = InRegister(hn::Load(d, row + static_cast<std::size_t>(v) * hn::Lanes(d)));
    sum0[v] = hn::MulAdd(a0, b, sum0[v]);
    sum1[v] = hn::MulAdd(a1, b, sum1[v]);
  }
}

template <int kVectors>
HWY_INLINE void Single(const float* HWY_RESTRICT row, V a, V* HWY_RESTRICT sum) {
  const D d;
  for (int v = 0; v < kVectors; ++v) {
    sum[v] = hn::MulAdd(a, hn::Load(d, row + static_cast<std::size_t>(v) * hn::Lanes(d)), sum[v]);
  }
}

template <int kVectors>
void MultiplyTile(Tile tile, const float* HWY_RESTRICT panel, bool first, float* HWY_RESTRICT sums) {
  const D d;
  const std::size_t lanes = hn::Lanes(d), width = kVectors * lanes;
  for (std::size_t p = 0; p < tile.count; ++p) {
    const RowPair pair = tile.pairs[p];
    float* const out0 = sums + pair.row0 * width;
    float* const out1 = sums + pair.row1 * width;
    V sum0[kVectors], sum1[kVectors];
    if (first) {
      for (int v = 0; v < kVectors; ++v) sum0[v] = sum1[v] = hn::Zero(d);
    } else {
      for (int v = 0; v < kVectors; ++v) {
        sum0[v] = hn::Load(d, out0 + static_cast<std::size_t>(v) * lanes);
        sum1[v] = hn::Load(d, out1 + static_cast<std::size_t>(v) * lanes);
      }
    }
    const float* const shared_end = tile.values + 2 * static_cast<std::size_t>(pair.shared);
    const float* const end = tile.values + 2 * static_cast<std::size_t>(tile.row_values);
    for (; tile.values != shared_end; tile.values += 2, tile.offsets += 1) {
      Shared<kVectors>(panel + tile.offsets[0] * width, hn::Set(d, tile.values[0]),
                       hn::Set(d, tile.values[1]), sum0, sum1);
    }
    for (; tile.values != end; tile.values += 2, tile.offsets += 2) {
      Single<kVectors>(panel + tile.offsets[0] * width, hn::Set(d, tile.values[0]), sum0);
      Single<kVectors>(panel + tile.offsets[1] * width, hn::Set(d, tile.values[1]), sum1);
    }
    for (int v = 0; v < kVectors; ++v) {
      hn::Store(sum0[v], d, out0 + static_cast<std::size_t>(v) * lanes);
      hn::Store(sum1[v], d, out1 + static_cast<std::size_t>(v) * lanes);
    }
  }
}

using TileKernel = void (*)(Tile, const float*, bool, float*);

template <int... kIndex>
TileKernel TileKernelOf(int vectors, std::integer_sequence<int, kIndex...>) {
  static constexpr TileKernel kKernels[] = {MultiplyTile<kIndex + 1>...};
  return kKernels[vectors - 1];
}

void MultiplyTileAny(const PairPlan& plan, int chunk, int block, int vectors, const float* panel, bool first,
                     float* sums) {
  const PlanTile& at = plan.tile(chunk, block);
  const Tile tile{plan.pairs.data() + at.first_pair, static_cast<std::size_t>(plan.chunk_rows(chunk) + 1) / 2,
                  plan.values.data() + at.first_value, plan.offsets.data() + at.first_offset,
                  plan.block_columns(block) / 2};
  TileKernelOf(vectors, std::make_integer_sequence<int, kMaxVectors>())(tile, panel, first, sums);
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(PairLanes);
HWY_EXPORT(PairMaxVectors);
HWY_EXPORT(MultiplyTileAny);

int pair_kernel_lanes() {
  return HWY_DYNAMIC_DISPATCH(PairLanes)();
}

int pair_kernel_max_vectors() {
  return HWY_DYNAMIC_DISPATCH(PairMaxVectors)();
}

void multiply_tile(const PairPlan& plan, int chunk, int block, int vectors, const float* panel, bool first,
                   float* sums) {
  HWY_DYNAMIC_DISPATCH(MultiplyTileAny)(plan, chunk, block, vectors, panel, first, sums);
}

}  // namespace nmperm
#endif  // HWY_ONCE
