#include "heuristics/column_types.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <unordered_map>

namespace nmperm {
namespace {

// Columns this much smaller than the mean column are below the rounding of float32 sums over it.
constexpr double kNegligible = 1e-9;

double sum_of(const float* scores, std::size_t rows) {
  double sum = 0;
  for (std::size_t r = 0; r < rows; ++r) sum += static_cast<double>(scores[r]);
  return sum;
}

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
  const std::size_t rows = scores.stride();
  std::vector<double> sums;
  double total = 0;
  for (const int c : columns) total += sums.emplace_back(sum_of(scores.column(c), rows));
  const double least = kNegligible * total / static_cast<double>(columns.size());

  std::unordered_multimap<std::uint64_t, int> type_of_hash;
  int dead = -1;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const float* const column = scores.column(columns[k]);
    const bool is_dead = sums[k] <= least;
    int type = is_dead ? dead : -1;
    const std::uint64_t hash = is_dead ? 0 : hash_of(column, rows);
    if (!is_dead) {
      for (auto [at, end] = type_of_hash.equal_range(hash); at != end; ++at) {
        if (std::memcmp(this->scores(at->second), column, rows * sizeof(float)) == 0) type = at->second;
      }
    }
    if (type < 0) {
      type = count();
      if (is_dead) {
        dead = type;
      } else {
        type_of_hash.emplace(hash, type);
      }
      columns_.emplace_back();
      scores_.push_back(column);
    }
    columns_[static_cast<std::size_t>(type)].push_back(columns[k]);
    type_of_column_[static_cast<std::size_t>(columns[k])] = type;
  }
}

std::vector<int> ColumnTypes::multiplicities() const {
  std::vector<int> result;
  for (int t = 0; t < count(); ++t) result.push_back(static_cast<int>(columns(t).size()));
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
