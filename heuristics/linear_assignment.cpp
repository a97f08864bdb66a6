#include "heuristics/linear_assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heuristics/linear_assignment.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// The slack of row i and column j is row_dual[i] - (w[i][j] + column_dual[j]) >= 0, and 0 where they are
// matched. The loops over columns are here, because they take all the time.
HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 16>;
using DI = hn::RebindToSigned<D>;

// max over j of w[j] + v[j]
float LargestSum(const float* HWY_RESTRICT w, const float* HWY_RESTRICT v, std::size_t n) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  float largest = -std::numeric_limits<float>::infinity();
  std::size_t j = 0;
  auto best = hn::Set(d, largest);
  for (; j + lanes <= n; j += lanes) best = hn::Max(best, hn::Add(hn::LoadU(d, w + j), hn::LoadU(d, v + j)));
  largest = hn::GetLane(hn::MaxOfLanes(d, best));
  for (; j < n; ++j) largest = std::max(largest, w[j] + v[j]);
  return largest;
}

// distance[j] = min(distance[j], base - (w[j] + v[j])), predecessor[j] = row where it fell; returns the
// nearest column. Settled columns have v = -infinity and distance = infinity, so they never come up again.
std::size_t Relax(const float* HWY_RESTRICT w, const float* HWY_RESTRICT v, std::size_t n, float base,
                  int row, float* HWY_RESTRICT distance, int* HWY_RESTRICT predecessor) {
  const D d;
  const DI di;
  const std::size_t lanes = hn::Lanes(d);
  const auto base_v = hn::Set(d, base);
  const auto row_v = hn::Set(di, row);
  auto least = hn::Set(d, std::numeric_limits<float>::infinity());
  std::size_t j = 0;
  for (; j + lanes <= n; j += lanes) {
    const auto candidate = hn::Sub(base_v, hn::Add(hn::LoadU(d, w + j), hn::LoadU(d, v + j)));
    const auto old = hn::LoadU(d, distance + j);
    const auto nearer = hn::Lt(candidate, old);
    const auto now = hn::Min(candidate, old);
    hn::StoreU(now, d, distance + j);
    hn::StoreU(hn::IfThenElse(hn::RebindMask(di, nearer), row_v, hn::LoadU(di, predecessor + j)), di,
               predecessor + j);
    least = hn::Min(least, now);
  }
  float nearest = hn::GetLane(hn::MinOfLanes(d, least));
  for (; j < n; ++j) {
    const float candidate = base - (w[j] + v[j]);
    if (candidate < distance[j]) {
      distance[j] = candidate;
      predecessor[j] = row;
    }
    nearest = std::min(nearest, distance[j]);
  }
  const auto nearest_v = hn::Set(d, nearest);
  for (j = 0; j + lanes <= n; j += lanes) {
    const auto found = hn::FindFirstTrue(d, hn::Eq(hn::LoadU(d, distance + j), nearest_v));
    if (found >= 0) return j + static_cast<std::size_t>(found);
  }
  while (j < n - 1 && distance[j] != nearest) ++j;
  return j;
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(LargestSum);
HWY_EXPORT(Relax);

// Chooses column duals v so that as many rows i as possible have their best column, by w[i][j] + v[j], at j =
// i. A row that prefers another column raises the dual of its own; where that pushes the trouble around a
// cycle the identity is not optimal, so the sweeps are few. Returns true when every row keeps its column: the
// identity is optimal.
bool LinearAssignment::fit_duals(const float* w, std::size_t n, std::size_t stride) {
  const auto largest_sum = HWY_DYNAMIC_DISPATCH(LargestSum);
  column_dual_.assign(n, 0.0f);
  row_dual_.resize(n);
  constexpr int kSweeps = 3;
  bool identity = false;
  for (int sweep = 0; sweep < kSweeps && !identity; ++sweep) {
    identity = true;
    for (std::size_t i = 0; i < n; ++i) {
      const float own = w[i * stride + i] + column_dual_[i];
      const float best = largest_sum(w + i * stride, column_dual_.data(), n);
      if (best <= own) continue;
      identity = false;
      column_dual_[i] += best - own;
    }
  }
  if (identity) return true;
  identity = true;
  for (std::size_t i = 0; i < n; ++i) {
    row_dual_[i] = largest_sum(w + i * stride, column_dual_.data(), n);
    const bool keeps = row_dual_[i] <= w[i * stride + i] + column_dual_[i];
    column_of_[i] = row_of_[i] = keeps ? static_cast<int>(i) : -1;
    identity = identity && keeps;
  }
  return identity;
}

// Dijkstra's search over columns from one free row to the nearest free column, then the exchange along the
// path.
void LinearAssignment::augment(const float* w, std::size_t n, std::size_t stride, std::size_t free_row) {
  const auto relax = HWY_DYNAMIC_DISPATCH(Relax);
  open_dual_ = column_dual_;
  distance_.assign(n, std::numeric_limits<float>::infinity());
  settled_.clear();
  settled_distance_.clear();
  std::size_t row = free_row, column;
  float reached = 0;
  for (;;) {
    column = relax(w + row * stride, open_dual_.data(), n, reached + row_dual_[row], static_cast<int>(row),
                   distance_.data(), predecessor_.data());
    reached = std::max(reached, distance_[column]);  // rounding may make a reduced cost slightly negative
    if (row_of_[column] < 0) break;
    settled_.push_back(static_cast<int>(column));
    settled_distance_.push_back(reached);
    distance_[column] = std::numeric_limits<float>::infinity();
    open_dual_[column] = -std::numeric_limits<float>::infinity();
    row = static_cast<std::size_t>(row_of_[column]);
  }
  row_dual_[free_row] -= reached;
  for (std::size_t k = 0; k < settled_.size(); ++k) {
    const float shift = reached - settled_distance_[k];
    const auto settled = static_cast<std::size_t>(settled_[k]);
    column_dual_[settled] -= shift;
    row_dual_[static_cast<std::size_t>(row_of_[settled])] -= shift;
  }
  for (bool at_free_row = false; !at_free_row;) {
    const auto from = static_cast<std::size_t>(predecessor_[column]);
    at_free_row = from == free_row;
    const int next = column_of_[from];
    column_of_[from] = static_cast<int>(column);
    row_of_[column] = static_cast<int>(from);
    if (!at_free_row) column = static_cast<std::size_t>(next);
  }
}

const std::vector<int>& LinearAssignment::solve(const float* w, std::size_t n, std::size_t stride) {
  column_of_.resize(n);
  row_of_.resize(n);
  predecessor_.resize(n);
  if (fit_duals(w, n, stride)) {
    for (std::size_t i = 0; i < n; ++i) column_of_[i] = static_cast<int>(i);
    return column_of_;
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (column_of_[i] < 0) augment(w, n, stride, i);
  }
  return column_of_;
}

}  // namespace nmperm
#endif  // HWY_ONCE
