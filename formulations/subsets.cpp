#include "formulations/subsets.h"

#include <algorithm>
#include <string>

#include "core/error.h"

namespace nmperm {

double binomial(int n, int k) {
  if (k < 0 || k > n) return 0;
  k = std::min(k, n - k);
  double count = 1;
  // Each step is the integer C(n-k+i, i), exact while it stays below 2^53 / n.
  for (int i = 1; i <= k; ++i) count = count * (n - k + i) / i;
  return count;
}

Subsets::Subsets(int elements, int size) : elements_(elements), size_(size) {
  if (size < 0 || size > elements || binomial(elements, size) >= 0x1p53) {
    throw InternalError("no table of the subsets of " + std::to_string(size) + " of " +
                        std::to_string(elements) + " elements");
  }
  const auto width = static_cast<std::size_t>(elements) + 1;
  table_.assign((static_cast<std::size_t>(size) + 1) * width, 0);
  for (std::size_t n = 0; n < width; ++n) table_[n] = 1;
  for (std::size_t k = 1; k <= static_cast<std::size_t>(size); ++k) {
    for (std::size_t n = 1; n < width; ++n) {
      // Entries that no subset of this table needs may wrap around; unsigned arithmetic allows that.
      table_[k * width + n] = table_[k * width + n - 1] + table_[(k - 1) * width + n - 1];
    }
  }
}

std::size_t Subsets::number(std::span<const int> subset) const {
  std::size_t number = 0;
  for (int i = 0; i < size_; ++i) number += choose(subset[static_cast<std::size_t>(i)], i + 1);
  return number;
}

std::vector<int> Subsets::subset(std::size_t number) const {
  std::vector<int> elements(static_cast<std::size_t>(size_));
  int candidate = elements_ - 1;
  for (int i = size_; i > 0; --i, --candidate) {
    while (choose(candidate, i) > number) --candidate;
    number -= choose(candidate, i);
    elements[static_cast<std::size_t>(i) - 1] = candidate;
  }
  return elements;
}

bool Subsets::next(std::span<int> subset) const {
  for (int i = 0; i < size_; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const int limit = i + 1 < size_ ? subset[k + 1] : elements_;
    if (subset[k] + 1 < limit) {
      ++subset[k];
      for (int below = 0; below < i; ++below) subset[static_cast<std::size_t>(below)] = below;
      return true;
    }
  }
  return false;
}

}  // namespace nmperm
