#include "heuristics/column_types.h"

#include <cstdint>
#include <cstring>
#include <unordered_map>

namespace nmperm {
namespace {

std::uint64_t hash_of(const float* scores, std::size_t rows) {
  std::uint64_t hash = 0x9e3779b97f4a7c15u;
  for (std::size_t r = 0; r < rows; r += 2) {  // columns are padded to whole vectors
    std::uint64_t two;
    std::memcpy(&two, scores + r, sizeof two);
    hash = (hash ^ two) * 0xd6e8feb86659fd93u;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

ColumnTypes::ColumnTypes(const ScoreMatrix& scores, const std::vector<int>& columns)
    : type_of_column_(static_cast<std::size_t>(scores.columns()), -1) {
  std::unordered_multimap<std::uint64_t, int> type_of_hash;
  const std::size_t rows = scores.stride();
  for (const int c : columns) {
    const float* const column = scores.column(c);
    const std::uint64_t hash = hash_of(column, rows);
    int type = -1;
    for (auto [at, end] = type_of_hash.equal_range(hash); at != end; ++at) {
      if (std::memcmp(this->scores(at->second), column, rows * sizeof(float)) == 0) type = at->second;
    }
    if (type < 0) {
      type = count();
      type_of_hash.emplace(hash, type);
      columns_.emplace_back();
      scores_.push_back(column);
    }
    columns_[static_cast<std::size_t>(type)].push_back(c);
    type_of_column_[static_cast<std::size_t>(c)] = type;
  }
}

std::vector<int> ColumnTypes::multiplicities() const {
  std::vector<int> result;
  for (int t = 0; t < count(); ++t) result.push_back(multiplicity(t));
  return result;
}

std::vector<int> ColumnTypes::types_of(const std::vector<int>& columns) const {
  std::vector<int> types;
  for (const int c : columns) types.push_back(type_of_column_[static_cast<std::size_t>(c)]);
  return types;
}

std::vector<int> ColumnTypes::columns_of(const std::vector<int>& types) const {
  std::vector<std::size_t> used(columns_.size(), 0);
  std::vector<int> result;
  for (const int t : types) result.push_back(columns(t)[used[static_cast<std::size_t>(t)]++]);
  return result;
}

}  // namespace nmperm
