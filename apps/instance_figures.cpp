#include "apps/instance_figures.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nmperm {
namespace {

std::string_view bytes_of_column(const ScoreMatrix& scores, int c) {
  return {reinterpret_cast<const char*>(scores.column(c)),
          static_cast<std::size_t>(scores.rows()) * sizeof(float)};
}

bool is_zero_column(const ScoreMatrix& scores, int c) {
  const float* const column = scores.column(c);
  return std::all_of(column, column + scores.rows(), [](float score) { return score == 0; });
}

int count_zero_rows(const ScoreMatrix& scores) {
  std::vector<char> zero(static_cast<std::size_t>(scores.rows()), 1);
  for (int c = 0; c < scores.columns(); ++c) {
    const float* const column = scores.column(c);
    for (std::size_t r = 0; r < zero.size(); ++r) zero[r] &= column[r] == 0 ? 1 : 0;
  }
  return static_cast<int>(std::count(zero.begin(), zero.end(), 1));
}

/// n over k times `factor`, null where it (or a step on the way) leaves 64 bits.
std::optional<std::uint64_t> times_choose(std::uint64_t factor, int n, int k) {
  std::uint64_t binomial = 1;
  for (int i = 1; i <= k; ++i) {
    if (__builtin_mul_overflow(binomial, static_cast<std::uint64_t>(n - k + i), &binomial))
      return std::nullopt;
    binomial /= static_cast<std::uint64_t>(i);
  }
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(factor, binomial, &product)) return std::nullopt;
  return product;
}

}  // namespace

PermutationCount count_distinct_permutations(const Segments& segments, const Pattern& pattern) {
  PermutationCount count;
  count.exact = 1;
  double log = 0;
  for (int s = 0; s < segments.count(); ++s) {
    const int columns = segments.length(s), groups = columns / pattern.group;
    log += std::lgamma(columns + 1.0) - groups * std::lgamma(pattern.group + 1.0) - std::lgamma(groups + 1.0);
    // The first column that is left chooses its M - 1 companions.
    for (int left = columns; left > 0 && count.exact; left -= pattern.group) {
      count.exact = times_choose(*count.exact, left - 1, pattern.group - 1);
    }
  }
  count.log10 = log / std::log(10.0);
  return count;
}

MatrixSize matrix_size(int rows, int columns, const Pattern& pattern, int value_bits) {
  const auto elements = static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(columns);
  const std::uint64_t kept =
      elements / static_cast<std::uint64_t>(pattern.group) * static_cast<std::uint64_t>(pattern.keep);
  const auto index_bits = static_cast<int>(std::bit_width(static_cast<unsigned>(pattern.group - 1)));
  const auto bytes = [](std::uint64_t count, int bits) {
    return (count * static_cast<std::uint64_t>(bits) + 7) / 8;
  };
  return {bytes(elements, value_bits), bytes(kept, value_bits) + bytes(kept, index_bits)};
}

DegenerateCounts count_degenerate(const ScoreMatrix& scores) {
  DegenerateCounts counts;
  counts.zero_rows = count_zero_rows(scores);
  std::unordered_map<std::size_t, std::vector<int>> by_hash;
  for (int c = 0; c < scores.columns(); ++c) {
    if (is_zero_column(scores, c)) {
      ++counts.zero_columns;
      continue;
    }
    const std::string_view bytes = bytes_of_column(scores, c);
    std::vector<int>& alike = by_hash[std::hash<std::string_view>{}(bytes)];
    const auto equal = [&](int earlier) { return bytes_of_column(scores, earlier) == bytes; };
    if (std::any_of(alike.begin(), alike.end(), equal)) {
      ++counts.duplicate_columns;
    } else {
      alike.push_back(c);
    }
  }
  return counts;
}

}  // namespace nmperm
