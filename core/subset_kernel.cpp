#include "core/subset_kernel.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "core/error.h"
#include "core/group_kernels.h"
#include "core/score_matrix.h"

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/subset_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// Walks all subsets depth first for kV vectors of rows at a time, keeping at each depth the N largest scores
// of the columns chosen so far, in descending order.
template <int kV>
class Walk {
 public:
  Walk(const float* const* columns, int count, const Pattern& pattern, float* lists, float* sums)
      : columns_(columns),
        count_(count),
        keep_(pattern.keep),
        group_(pattern.group),
        lists_(lists),
        sums_(sums) {}

  void rows_from(std::size_t row) {
    const D d;
    row_ = row;
    leaf_ = sums_;
    float* const empty = list(0);
    for (int i = 0; i < keep_ * kV; ++i) hn::Store(hn::Zero(d), d, empty + i * kLanes);
    descend(0, 0);
  }

 private:
  static constexpr int kLanes =
      static_cast<int>(HWY_LANES(float)) < 16 ? static_cast<int>(HWY_LANES(float)) : 16;

  float* list(int depth) const { return lists_ + depth * keep_ * kV * kLanes; }

  HWY_INLINE V score(int column, int v) const {
    return hn::Load(D(), columns_[column] + row_ + static_cast<std::size_t>(v * kLanes));
  }

  void descend(int depth, int first) {
    if (depth == group_ - 1) {
      finish(first);
      return;
    }
    const D d;
    const float* const from = list(depth);
    float* const to = list(depth + 1);
    for (int c = first; c <= count_ - (group_ - depth); ++c) {
      for (int v = 0; v < kV; ++v) {
        V x = score(c, v);
        for (int n = 0; n < keep_; ++n) {
          const V old = hn::Load(d, from + (n * kV + v) * kLanes);
          hn::Store(hn::Max(old, x), d, to + (n * kV + v) * kLanes);
          x = hn::Min(old, x);
        }
      }
      descend(depth + 1, c + 1);
    }
  }

  // One column is missing: it replaces the N-th largest where it is larger.
  void finish(int first) {
    const D d;
    const float* const top = list(group_ - 1);
    V base = hn::Zero(d);
    for (int i = 0; i < (keep_ - 1) * kV; ++i) base = hn::Add(base, hn::Load(d, top + i * kLanes));
    V threshold[kV];
    for (int v = 0; v < kV; ++v) threshold[v] = hn::Load(d, top + ((keep_ - 1) * kV + v) * kLanes);
    for (int c = first; c < count_; ++c, leaf_ += kLanes) {
      V sum = hn::Add(hn::Load(d, leaf_), base);
      for (int v = 0; v < kV; ++v) sum = hn::Add(sum, hn::Max(threshold[v], score(c, v)));
      hn::Store(sum, d, leaf_);
    }
  }

  const float* const* columns_;
  int count_, keep_, group_;
  float* lists_;
  float* sums_;
  float* leaf_ = nullptr;
  std::size_t row_ = 0;
};

constexpr int kVectors = 4;

void SubsetKept(const float* const* columns, int count, const Pattern& pattern, std::size_t rows,
                std::size_t subsets, float* scratch, double* kept) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  float* const lists = scratch;
  float* const sums = scratch + static_cast<std::size_t>(pattern.group * pattern.keep * kVectors) * lanes;
  Walk<kVectors> wide(columns, count, pattern, lists, sums);
  Walk<1> narrow(columns, count, pattern, lists, sums);
  std::fill(kept, kept + subsets, 0.0);
  for (std::size_t block = 0; block < rows; block += kSumBlock) {
    const std::size_t end = std::min(block + kSumBlock, rows);
    std::fill(sums, sums + subsets * lanes, 0.0f);
    std::size_t r = block;
    for (; r + kVectors * lanes <= end; r += kVectors * lanes) wide.rows_from(r);
    for (; r < end; r += lanes) narrow.rows_from(r);
    for (std::size_t s = 0; s < subsets; ++s) {
      kept[s] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Load(d, sums + s * lanes))));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {
namespace {

HWY_EXPORT(SubsetKept);

void collect_masks(int count, int left, int first, std::uint32_t mask, std::vector<std::uint32_t>& masks) {
  if (left == 0) {
    masks.push_back(mask);
    return;
  }
  for (int c = first; c <= count - left; ++c) collect_masks(count, left - 1, c + 1, mask | 1u << c, masks);
}

}  // namespace

void SubsetKernel::Workspace::Free::operator()(float* data) const {
  std::free(data);
}

float* SubsetKernel::Workspace::floats(std::size_t count) {
  if (count > size_) {
    constexpr std::size_t kAlignment = kRowAlignment * sizeof(float);
    const std::size_t size_bytes = (count * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
    data_.reset(static_cast<float*>(std::aligned_alloc(kAlignment, size_bytes)));
    if (!data_) throw std::bad_alloc();
    size_ = count;
  }
  return data_.get();
}

SubsetKernel::SubsetKernel(int count, const Pattern& pattern) : count_(count), pattern_(pattern) {
  if (count > kMaxColumns || count < pattern.group) {
    throw InternalError("subset kernel of " + std::to_string(count) + " columns for " + pattern.str());
  }
  collect_masks(count, pattern.group, 0, 0, masks_);
}

void SubsetKernel::kept(const float* const* columns, std::size_t rows, Workspace& workspace,
                        double* kept) const {
  const std::size_t lists = static_cast<std::size_t>(pattern_.group * pattern_.keep) * 4;
  float* const scratch = workspace.floats((lists + masks_.size()) * kRowAlignment);
  HWY_DYNAMIC_DISPATCH(SubsetKept)(columns, count_, pattern_, rows, masks_.size(), scratch, kept);
}

}  // namespace nmperm
#endif  // HWY_ONCE
