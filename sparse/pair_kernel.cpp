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

// g++ would load a vector from memory once for each of its uses; this keeps it in a register.
HWY_INLINE V InRegister(V v) {
#if HWY_COMPILER_GCC_ACTUAL && HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
  __asm__("" : "+v"(v.raw));
#endif
  return v;
}

enum Prefetch { kFirstLevel, kSecondLevel, kToWrite };

/// Asks for a row's memory ahead of its use.
template <int kVectors, Prefetch kHow>
HWY_INLINE void PrefetchRow(const float* row) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  for (std::size_t i = 0; i < kVectors * hn::Lanes(D()); i += kLine) {
    __builtin_prefetch(row + i, kHow == kToWrite ? 1 : 0, kHow == kSecondLevel ? 2 : 3);
  }
}

/// Gets the next panel ready while a tile is multiplied: there are loads and stores to spare.
template <int kVectors>
class NextPanel {
 public:
  explicit NextPanel(const TileProduct& tile)
      : from_(tile.next_b), stride_(tile.next_b_stride), to_(tile.next_panel), left_(tile.next_rows) {}

  /// What has to be done before the last `pairs` pairs.
  HWY_INLINE void Advance(int pairs) {
    for (int rows = (left_ + pairs - 1) / pairs; rows > 0; --rows, --left_) {
      if (from_) {
        Pack();
      } else {
        PrefetchRow<kVectors, kSecondLevel>(to_);
      }
      to_ += kVectors * hn::Lanes(D());
    }
  }

 private:
  HWY_INLINE void Pack() {
    const D d;
    if (left_ > kAhead) PrefetchRow<kVectors, kFirstLevel>(from_ + kAhead * stride_);
    for (std::size_t v = 0; v < kVectors; ++v) {
      hn::Store(hn::LoadU(d, from_ + v * hn::Lanes(d)), d, to_ + v * hn::Lanes(d));
    }
    from_ += stride_;
  }

  static constexpr int kAhead = 8;  // rows
  const float* from_;
  std::size_t stride_;
  float* to_;
  int left_;
};

/// Walks through the values and columns of a plan's pairs, with the sums of one pair in registers.
template <int kVectors>
class PairSums {
 public:
  PairSums(const PairPlan& plan, const TileProduct& tile)
      : values_(plan.values.data() + plan.tile(tile.chunk, tile.block).first_value),
        values_end_(plan.values.data() + plan.values.size()),
        offsets_(plan.offsets.data() + plan.tile(tile.chunk, tile.block).first_offset),
        panel_(tile.panel),
        steps_(plan.block_columns(tile.block) / 2) {}

  HWY_INLINE void Multiply(RowPair pair) {
    // The sums so far are added at the end: the first products need not wait for them.
    for (int v = 0; v < kVectors; ++v) sum0_[v] = sum1_[v] = hn::Zero(D());
    PrefetchValues();
    const int mixed = pair.mixed(steps_);
    for (int k = pair.single(steps_); k > 0; --k) Single();
    for (int k = mixed; k > 0; --k) {
      Shared();
      Single();
    }
    for (int k = pair.shared - mixed; k > 0; --k) Shared();
  }

  HWY_INLINE void Add(const float* HWY_RESTRICT row0, const float* HWY_RESTRICT row1) {
    const D d;
    for (std::size_t v = 0; v < kVectors; ++v) {
      sum0_[v] = hn::Add(sum0_[v], hn::Load(d, row0 + v * hn::Lanes(d)));
      sum1_[v] = hn::Add(sum1_[v], hn::Load(d, row1 + v * hn::Lanes(d)));
    }
  }

  HWY_INLINE void Store(float* HWY_RESTRICT row0, float* HWY_RESTRICT row1) const {
    const D d;
    for (std::size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(sum0_[v], d, row0 + v * hn::Lanes(d));
      hn::StoreU(sum1_[v], d, row1 + v * hn::Lanes(d));
    }
  }

 private:
  HWY_INLINE const float* PanelRow(std::uint8_t column) const {
    return panel_ + column * (kVectors * hn::Lanes(D()));
  }

  HWY_INLINE void Shared() {
    const D d;
    const float* HWY_RESTRICT row = PanelRow(offsets_[0]);
    const V a0 = hn::Set(d, values_[0]), a1 = hn::Set(d, values_[1]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const V b = InRegister(hn::Load(d, row + v * hn::Lanes(d)));
      sum0_[v] = hn::MulAdd(a0, b, sum0_[v]);
      sum1_[v] = hn::MulAdd(a1, b, sum1_[v]);
    }
    values_ += 2;
    offsets_ += 1;
  }

  HWY_INLINE void Single() {
    const D d;
    const float* HWY_RESTRICT row0 = PanelRow(offsets_[0]);
    const float* HWY_RESTRICT row1 = PanelRow(offsets_[1]);
    const V a0 = hn::Set(d, values_[0]), a1 = hn::Set(d, values_[1]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      sum0_[v] = hn::MulAdd(a0, hn::Load(d, row0 + v * hn::Lanes(d)), sum0_[v]);
    }
    for (std::size_t v = 0; v < kVectors; ++v) {
      sum1_[v] = hn::MulAdd(a1, hn::Load(d, row1 + v * hn::Lanes(d)), sum1_[v]);
    }
    values_ += 2;
    offsets_ += 2;
  }

  /// The values of the pair after the next; the processor's own prefetching is late for them.
  HWY_INLINE void PrefetchValues() const {
    const int pair_values = 2 * steps_;
    if (values_end_ - values_ < 3 * pair_values) return;
    for (int i = 0; i < pair_values; i += 16) __builtin_prefetch(values_ + 2 * pair_values + i);
  }

  const float* values_;
  const float* values_end_;
  const std::uint8_t* offsets_;
  const float* panel_;
  int steps_;
  V sum0_[kVectors], sum1_[kVectors];
};

template <int kVectors>
void MultiplyTile(const PairPlan& plan, const TileProduct& tile) {
  const std::size_t width = kVectors * hn::Lanes(D());
  const int rows = plan.chunk_rows(tile.chunk), count = (rows + 1) / 2;
  const RowPair* const pairs = plan.pairs.data() + plan.tile(tile.chunk, tile.block).first_pair;
  const auto sums_of = [&](int row) { return tile.sums + static_cast<std::size_t>(row) * width; };
  const auto out_of = [&](int row) {
    return row < rows ? tile.out + static_cast<std::size_t>(row) * tile.out_stride : sums_of(row);
  };
  PairSums<kVectors> sums(plan, tile);
  NextPanel<kVectors> next(tile);
  for (int p = 0; p < count; ++p) {
    const RowPair pair = pairs[p];
    if (p + 1 < count) {
      const RowPair following = pairs[p + 1];
      if (!tile.first) {
        PrefetchRow<kVectors, kFirstLevel>(sums_of(following.row0));
        PrefetchRow<kVectors, kFirstLevel>(sums_of(following.row1));
      }
      if (tile.out != tile.sums) {
        PrefetchRow<kVectors, kToWrite>(out_of(following.row0));
        PrefetchRow<kVectors, kToWrite>(out_of(following.row1));
      }
    }
    next.Advance(count - p);
    sums.Multiply(pair);
    if (!tile.first) sums.Add(sums_of(pair.row0), sums_of(pair.row1));
    sums.Store(out_of(pair.row0), out_of(pair.row1));
  }
}

using TileKernel = void (*)(const PairPlan&, const TileProduct&);

template <int... kIndex>
TileKernel TileKernelOf(int vectors, std::integer_sequence<int, kIndex...>) {
  static constexpr TileKernel kKernels[] = {MultiplyTile<kIndex + 1>...};
  return kKernels[vectors - 1];
}

void MultiplyTileAny(const PairPlan& plan, const TileProduct& tile) {
  TileKernelOf(tile.vectors, std::make_integer_sequence<int, kMaxVectors>())(plan, tile);
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

void multiply_tile(const PairPlan& plan, const TileProduct& tile) {
  HWY_DYNAMIC_DISPATCH(MultiplyTileAny)(plan, tile);
}

}  // namespace nmperm
#endif  // HWY_ONCE
