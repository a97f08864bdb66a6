#include "heuristics/swap_state.h"

#include <array>
#include <numeric>
#include <utility>

namespace nmperm {

SwapState::SwapState(const Problem& problem, const Permutation& permutation, int threads)
    : scores_(problem.search_scores()),
      pattern_(problem.pattern()),
      group_size_(pattern_.group),
      threads_(threads),
      stride_(scores_.stride()),
      thresholds_(scores_.rows(), scores_.columns()),
      self_(permutation.size()),
      group_kept_(static_cast<std::size_t>(problem.groups())) {
  assign(permutation);
}

void SwapState::assign(const Permutation& permutation) {
  permutation_ = permutation;
  stale_.resize(group_kept_.size());
  std::iota(stale_.begin(), stale_.end(), 0);
  refresh(stale_);
  kept_ = std::accumulate(group_kept_.begin(), group_kept_.end(), 0.0);
}

void SwapState::refresh(int group) {
  std::array<const float*, Pattern::kMaxGroup> columns;
  std::array<float*, Pattern::kMaxGroup> thresholds;
  const int first = group * group_size_;
  for (int k = 0; k < group_size_; ++k) {
    columns[static_cast<std::size_t>(k)] = column(first + k);
    thresholds[static_cast<std::size_t>(k)] = thresholds_.column(first + k);
  }
  group_kept_[static_cast<std::size_t>(group)] =
      group_thresholds(columns.data(), pattern_, stride_, thresholds.data(), self_.data() + first);
}

void SwapState::refresh(const std::vector<int>& groups) {
  const auto count = static_cast<std::ptrdiff_t>(groups.size());
#pragma omp parallel for num_threads(threads_) schedule(static) if (threads_ > 1 && count > 16)
  for (std::ptrdiff_t k = 0; k < count; ++k) refresh(groups[static_cast<std::size_t>(k)]);
}

void SwapState::swap(int i, int j) {
  std::swap(permutation_[static_cast<std::size_t>(i)], permutation_[static_cast<std::size_t>(j)]);
  for (const int group : {group_of(i), group_of(j)}) {
    kept_ -= group_kept_[static_cast<std::size_t>(group)];
    refresh(group);
    kept_ += group_kept_[static_cast<std::size_t>(group)];
  }
}

void SwapState::place(const std::vector<int>& slots, const std::vector<int>& columns) {
  stale_.clear();
  for (std::size_t k = 0; k < slots.size(); ++k) {
    int& column = permutation_[static_cast<std::size_t>(slots[k])];
    if (column == columns[k]) continue;
    column = columns[k];
    if (stale_.empty() || stale_.back() != group_of(slots[k])) stale_.push_back(group_of(slots[k]));
  }
  for (const int group : stale_) kept_ -= group_kept_[static_cast<std::size_t>(group)];
  refresh(stale_);
  for (const int group : stale_) kept_ += group_kept_[static_cast<std::size_t>(group)];
}

}  // namespace nmperm
