#include "heuristics/partial_partition.h"

#include <algorithm>

namespace nmperm {

void PartialPartition::assign(const std::vector<int>& types, std::vector<int> multiplicities) {
  remaining_ = std::move(multiplicities);
  free_ = types.size();
  single_ = std::all_of(remaining_.begin(), remaining_.end(), [](int copies) { return copies <= 1; });
  fixed_.clear();
  completion_ = types;
  for (auto at = completion_.begin(); at != completion_.end(); at += group_) std::sort(at, at + group_);
}

std::vector<int> PartialPartition::free_types() const {
  std::vector<int> types;
  for (std::size_t t = 0; t < remaining_.size(); ++t) {
    if (remaining_[t] > 0) types.push_back(static_cast<int>(t));
  }
  return types;
}

bool PartialPartition::fits(const int* types) const {
  if (single_) return missing(types) == 0;
  for (int k = 0; k < group_; ++k) {
    const int left = remaining_[static_cast<std::size_t>(types[k])];
    if (left == 0) return false;
    if (left < group_ && left < std::count(types, types + group_, types[k])) return false;
  }
  return true;
}

int PartialPartition::missing(const int* types) const {
  return static_cast<int>(std::count_if(
      types, types + group_, [&](int type) { return remaining_[static_cast<std::size_t>(type)] == 0; }));
}

void PartialPartition::fix(const int* types) {
  for (int k = 0; k < group_; ++k) --remaining_[static_cast<std::size_t>(types[k])];
  free_ -= static_cast<std::size_t>(group_);
  fixed_.insert(fixed_.end(), types, types + group_);
}

void PartialPartition::complete() {
  std::vector<int> left = remaining_;
  std::vector<int> whole, broken;
  for (auto at = completion_.begin(); at != completion_.end(); at += group_) {
    std::vector<int>& part = [&]() -> std::vector<int>& {
      for (auto type = at; type != at + group_; ++type) {
        if (left[static_cast<std::size_t>(*type)] < std::count(at, at + group_, *type)) return broken;
      }
      return whole;
    }();
    part.insert(part.end(), at, at + group_);
    if (&part == &broken) continue;
    for (auto type = at; type != at + group_; ++type) --left[static_cast<std::size_t>(*type)];
  }
  const auto first_new = static_cast<std::ptrdiff_t>(whole.size());
  for (const int type : broken) {
    int& copies = left[static_cast<std::size_t>(type)];
    if (copies == 0) continue;
    --copies;
    whole.push_back(type);
  }
  for (auto at = whole.begin() + first_new; at != whole.end(); at += group_) std::sort(at, at + group_);
  completion_ = std::move(whole);
}

std::vector<int> PartialPartition::whole() const {
  std::vector<int> types = fixed_;
  types.insert(types.end(), completion_.begin(), completion_.end());
  return types;
}

}  // namespace nmperm
