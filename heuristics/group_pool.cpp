#include "heuristics/group_pool.h"

#include <algorithm>

namespace nmperm {
namespace {

std::uint64_t hash_of(const int* types, int count) {
  std::uint64_t hash = 0x9e3779b97f4a7c15u;
  for (int k = 0; k < count; ++k) {
    hash = (hash ^ static_cast<std::uint64_t>(types[k])) * 0xd6e8feb86659fd93u;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

/// Where the group is, or the free place where it would be.
std::size_t GroupPool::place_of(const int* types) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t place = hash_of(types, group_) & mask;
  while (table_[place] >= 0 && !std::equal(types, types + group_, this->types(table_[place]))) {
    place = (place + 1) & mask;
  }
  return place;
}

int GroupPool::find(const int* types) const {
  return table_.empty() ? -1 : table_[place_of(types)];
}

int GroupPool::add(const int* types, double kept) {
  if (2 * (kept_.size() + 1) > table_.size()) rehash(std::max<std::size_t>(1024, 2 * table_.size()));
  int& entry = table_[place_of(types)];
  if (entry < 0) {
    entry = size();
    types_.insert(types_.end(), types, types + group_);
    kept_.push_back(kept);
  }
  return entry;
}

void GroupPool::rehash(std::size_t places) {
  table_.assign(places, -1);
  for (int g = 0; g < size(); ++g) table_[place_of(types(g))] = g;
}

std::vector<int> GroupPool::compact(const std::vector<char>& stays) {
  std::vector<int> new_number(kept_.size(), -1);
  int count = 0;
  for (int g = 0; g < size(); ++g) {
    if (!stays[static_cast<std::size_t>(g)]) continue;
    std::copy_n(types(g), group_, types_.begin() + static_cast<std::ptrdiff_t>(count) * group_);
    kept_[static_cast<std::size_t>(count)] = kept(g);
    new_number[static_cast<std::size_t>(g)] = count++;
  }
  types_.resize(static_cast<std::size_t>(count) * stride());
  kept_.resize(static_cast<std::size_t>(count));
  rehash(table_.size());
  return new_number;
}

}  // namespace nmperm
