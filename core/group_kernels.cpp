#include "core/group_kernels.h"

#include <algorithm>

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/group_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// Inserts x into the descending list top[0..count-1]; what falls out is lost. With constant `count` the list
// stays in registers.
HWY_INLINE void insert(V* HWY_RESTRICT top, int count, V x) {
  for (int n = 0; n < count; ++n) {
    const V larger = hn::Max(top[n], x);
    x = hn::Min(top[n], x);
    top[n] = larger;
  }
}

// kKeep = 0: N is known at run time only.
template <int kKeep>
double KeptOfColumns(const float* const* columns, const Pattern& pattern, std::size_t rows) {
  const D d;
  const int keep = kKeep > 0 ? kKeep : pattern.keep;
  double sum = 0;
  for (std::size_t block = 0; block < rows; block += kSumBlock) {
    const std::size_t end = std::min(block + kSumBlock, rows);
    V acc = hn::Zero(d);
    for (std::size_t r = block; r < end; r += hn::Lanes(d)) {
      V top[kKeep > 0 ? kKeep : Pattern::kMaxGroup];
      for (int n = 0; n < keep; ++n) top[n] = hn::Zero(d);  // scores are nonnegative
      for (int k = 0; k < pattern.group; ++k) insert(top, keep, hn::Load(d, columns[k] + r));
      for (int n = 0; n < keep; ++n) acc = hn::Add(acc, top[n]);
    }
    sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, acc)));
  }
  return sum;
}

template <int kKeep>
double GroupThresholds(const float* const* columns, const Pattern& pattern, std::size_t rows,
                       float* const* thresholds, double* self) {
  const D d;
  const int keep = kKeep > 0 ? kKeep : pattern.keep;
  double kept = 0;
  std::fill(self, self + pattern.group, 0.0);
  for (std::size_t block = 0; block < rows; block += kSumBlock) {
    const std::size_t end = std::min(block + kSumBlock, rows);
    V kept_acc = hn::Zero(d);
    V self_acc[Pattern::kMaxGroup];
    for (int k = 0; k < pattern.group; ++k) self_acc[k] = hn::Zero(d);
    for (std::size_t r = block; r < end; r += hn::Lanes(d)) {
      V top[(kKeep > 0 ? kKeep : Pattern::kMaxGroup) + 1];
      for (int n = 0; n <= keep; ++n) top[n] = hn::Zero(d);
      for (int k = 0; k < pattern.group; ++k) insert(top, keep + 1, hn::Load(d, columns[k] + r));
      for (int n = 0; n < keep; ++n) kept_acc = hn::Add(kept_acc, top[n]);
      for (int k = 0; k < pattern.group; ++k) {
        const V x = hn::Load(d, columns[k] + r);
        // Without a column among the N largest the (N+1)-th moves up; without any other the N-th stays.
        const V t = hn::IfThenElse(hn::Ge(x, top[keep - 1]), top[keep], top[keep - 1]);
        hn::Store(t, d, thresholds[k] + r);
        self_acc[k] = hn::Add(self_acc[k], hn::Max(t, x));
      }
    }
    kept += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, kept_acc)));
    for (int k = 0; k < pattern.group; ++k) {
      self[k] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, self_acc[k])));
    }
  }
  return kept;
}

double KeptOfColumnsAny(const float* const* columns, const Pattern& pattern, std::size_t rows) {
  switch (pattern.keep) {
    case 1:
      return KeptOfColumns<1>(columns, pattern, rows);
    case 2:
      return KeptOfColumns<2>(columns, pattern, rows);
    case 4:
      return KeptOfColumns<4>(columns, pattern, rows);
    default:
      return KeptOfColumns<0>(columns, pattern, rows);
  }
}

double GroupThresholdsAny(const float* const* columns, const Pattern& pattern, std::size_t rows,
                          float* const* thresholds, double* self) {
  switch (pattern.keep) {
    case 1:
      return GroupThresholds<1>(columns, pattern, rows, thresholds, self);
    case 2:
      return GroupThresholds<2>(columns, pattern, rows, thresholds, self);
    case 4:
      return GroupThresholds<4>(columns, pattern, rows, thresholds, self);
    default:
      return GroupThresholds<0>(columns, pattern, rows, thresholds, self);
  }
}

template <int kKeep>
void SlotThreshold(const float* const* others, const Pattern& pattern, std::size_t rows,
                   float* HWY_RESTRICT threshold) {
  const D d;
  const int keep = kKeep > 0 ? kKeep : pattern.keep;
  for (std::size_t r = 0; r < rows; r += hn::Lanes(d)) {
    V top[kKeep > 0 ? kKeep : Pattern::kMaxGroup];
    for (int n = 0; n < keep; ++n) top[n] = hn::Zero(d);
    for (int k = 0; k < pattern.group - 1; ++k) insert(top, keep, hn::Load(d, others[k] + r));
    hn::Store(top[keep - 1], d, threshold + r);
  }
}

void SlotThresholdAny(const float* const* others, const Pattern& pattern, std::size_t rows,
                      float* threshold) {
  switch (pattern.keep) {
    case 1:
      return SlotThreshold<1>(others, pattern, rows, threshold);
    case 2:
      return SlotThreshold<2>(others, pattern, rows, threshold);
    case 4:
      return SlotThreshold<4>(others, pattern, rows, threshold);
    default:
      return SlotThreshold<0>(others, pattern, rows, threshold);
  }
}

double Replacement(const float* HWY_RESTRICT threshold, const float* HWY_RESTRICT column, std::size_t rows) {
  const D d;
  double sum = 0;
  for (std::size_t block = 0; block < rows; block += kSumBlock) {
    const std::size_t end = std::min(block + kSumBlock, rows);
    V acc = hn::Zero(d);
    for (std::size_t r = block; r < end; r += hn::Lanes(d)) {
      acc = hn::Add(acc, hn::Max(hn::Load(d, threshold + r), hn::Load(d, column + r)));
    }
    sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, acc)));
  }
  return sum;
}

double SwapReplacement(const float* HWY_RESTRICT t_i, const float* HWY_RESTRICT x_i,
                       const float* HWY_RESTRICT t_j, const float* HWY_RESTRICT x_j, std::size_t rows) {
  const D d;
  double sum = 0;
  for (std::size_t block = 0; block < rows; block += kSumBlock) {
    const std::size_t end = std::min(block + kSumBlock, rows);
    V acc_i = hn::Zero(d), acc_j = hn::Zero(d);
    for (std::size_t r = block; r < end; r += hn::Lanes(d)) {
      acc_i = hn::Add(acc_i, hn::Max(hn::Load(d, t_i + r), hn::Load(d, x_j + r)));
      acc_j = hn::Add(acc_j, hn::Max(hn::Load(d, t_j + r), hn::Load(d, x_i + r)));
    }
    sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(acc_i, acc_j))));
  }
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(KeptOfColumnsAny);
HWY_EXPORT(GroupThresholdsAny);
HWY_EXPORT(SlotThresholdAny);
HWY_EXPORT(Replacement);
HWY_EXPORT(SwapReplacement);

double kept_of_columns(const float* const* columns, const Pattern& pattern, std::size_t rows) {
  return HWY_DYNAMIC_DISPATCH(KeptOfColumnsAny)(columns, pattern, rows);
}

double group_thresholds(const float* const* columns, const Pattern& pattern, std::size_t rows,
                        float* const* thresholds, double* self) {
  return HWY_DYNAMIC_DISPATCH(GroupThresholdsAny)(columns, pattern, rows, thresholds, self);
}

void slot_threshold(const float* const* others, const Pattern& pattern, std::size_t rows, float* threshold) {
  HWY_DYNAMIC_DISPATCH(SlotThresholdAny)(others, pattern, rows, threshold);
}

double replacement(const float* threshold, const float* column, std::size_t rows) {
  return HWY_DYNAMIC_DISPATCH(Replacement)(threshold, column, rows);
}

double swap_replacement(const float* t_i, const float* x_i, const float* t_j, const float* x_j,
                        std::size_t rows) {
  return HWY_DYNAMIC_DISPATCH(SwapReplacement)(t_i, x_i, t_j, x_j, rows);
}

}  // namespace nmperm
#endif  // HWY_ONCE
