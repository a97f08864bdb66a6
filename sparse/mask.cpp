#include "sparse/mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "core/error.h"
#include "core/segments.h"

namespace nmperm {
namespace {

std::string text_of(float value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", static_cast<double>(value));
  return text.data();
}

/// "row 3, columns 8..11 hold 1, 2, 0.5, 0"
std::string group_text(const WeightView& weight, const Pattern& pattern, int r, int first) {
  std::string text = "row " + std::to_string(r) + ", columns " + std::to_string(first) + ".." +
                     std::to_string(first + pattern.group - 1) + " hold ";
  for (int i = 0; i < pattern.group; ++i) text += (i > 0 ? ", " : "") + text_of(weight.at(r, first + i));
  return text;
}

void require_divisible(int columns, const Pattern& pattern) {
  pattern.validate();
  if (columns % pattern.group == 0) return;
  throw InputError("weight", "shape", std::to_string(columns) + " columns",
                   "a multiple of " + std::to_string(pattern.group) + " for the pattern " + pattern.str());
}

/// Calls score(r, column) for every element in permuted order and selects group by group.
template <typename Score>
std::vector<std::uint8_t> mask_of(int rows, int columns, const Pattern& pattern,
                                  const Permutation& permutation, Score score) {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  const auto group = static_cast<std::size_t>(pattern.group);
  std::array<float, Pattern::kMaxGroup> scores;
  std::size_t at = 0;
  for (int r = 0; r < rows; ++r) {
    for (std::size_t first = 0; first < permutation.size(); first += group, at += group) {
      for (std::size_t i = 0; i < group; ++i) scores[i] = score(r, permutation[first + i]);
      select_kept(std::span(scores).first(group), pattern.keep, std::span(mask).subspan(at, group));
    }
  }
  return mask;
}

}  // namespace

void select_kept(std::span<const float> scores, int keep, std::span<std::uint8_t> kept) {
  std::fill(kept.begin(), kept.end(), std::uint8_t{0});
  for (int n = 0; n < keep; ++n) {
    std::size_t best = scores.size();
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (kept[i] == 0 && (best == scores.size() || scores[i] > scores[best])) best = i;
    }
    kept[best] = 1;
  }
}

std::vector<std::uint8_t> pattern_mask(const ScoreMatrix& scores, const Pattern& pattern,
                                       const Permutation& permutation) {
  require_divisible(scores.columns(), pattern);
  validate_permutation(permutation, Segments(scores.columns()), "mask");
  return mask_of(scores.rows(), scores.columns(), pattern, permutation,
                 [&](int r, int c) { return scores.at(r, c); });
}

std::vector<std::uint8_t> magnitude_mask(const WeightView& weight, const Pattern& pattern,
                                         const Permutation& permutation) {
  weight.validate();
  require_divisible(weight.columns, pattern);
  validate_permutation(permutation, Segments(weight.columns), "mask");
  return mask_of(weight.rows, weight.columns, pattern, permutation, [&](int r, int c) {
    const float value = weight.at(r, c);
    if (std::isfinite(value)) return std::fabs(value);
    throw InputError("weight", "row " + std::to_string(r) + ", column " + std::to_string(c), text_of(value),
                     "a finite number");
  });
}

std::vector<float> prune(const WeightView& weight, const Permutation& permutation,
                         std::span<const std::uint8_t> mask) {
  std::vector<float> pruned(weight.values.size(), 0.0f);
  const std::size_t columns = permutation.size();
  for (std::size_t k = 0; k < mask.size(); ++k) {
    if (mask[k] == 0) continue;
    const std::size_t at = k / columns * columns + static_cast<std::size_t>(permutation[k % columns]);
    pruned[at] = weight.values[at];
  }
  return pruned;
}

void require_pattern(const WeightView& weight, const Pattern& pattern) {
  weight.validate();
  require_divisible(weight.columns, pattern);
  for (int r = 0; r < weight.rows; ++r) {
    for (int first = 0; first < weight.columns; first += pattern.group) {
      const float* const group = weight.row(r) + first;
      const auto zeros = std::count(group, group + pattern.group, 0.0f);
      if (pattern.group - zeros <= pattern.keep) continue;
      throw InputError("weight", group_text(weight, pattern, r, first),
                       std::to_string(pattern.group - zeros) + " of them are not zero",
                       "at most " + std::to_string(pattern.keep) + " for the pattern " + pattern.str());
    }
  }
}

}  // namespace nmperm
