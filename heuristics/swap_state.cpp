#include "heuristics/swap_state.h"

#include <array>
#include <numeric>
#include <utility>

namespace nmperm {

SwapState::SwapState(const Problem& problem, const Permutation& permutation)
    : scores_(problem.search_scores()),
      pattern_(problem.pattern()),
      group_size_(pattern_.group),
      stride_(scores_.stride()),
      thresholds_(scores_.rows(), scores_.columns()),
      self_(permutation.size()),
      group_kept_(static_cast<std::size_t>(problem.groups())) {
  assign(permutation);
}

void SwapState::assign(const Permutation& permutation) {
  permutation_ = permutation;
  for (int g = 0; g < static_cast<int>(group_kept_.size()); ++g) refresh(g);
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

void SwapState::swap(int i, int j) {
  std::swap(permutation_[static_cast<std::size_t>(i)], permutation_[static_cast<std::size_t>(j)]);
  for (const int group : {group_of(i), group_of(j)}) {
    kept_ -= group_kept_[static_cast<std::size_t>(group)];
    refresh(group);
    kept_ += group_kept_[static_cast<std::size_t>(group)];
  }
}

}  // namespace nmperm
