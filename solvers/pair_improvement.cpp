#include "solvers/pair_improvement.h"

#include <algorithm>
#include <span>

namespace nmperm {
namespace {

// All ways to divide 2M columns into two groups; the first column is always in the first group.
class PairDivision {
 public:
  explicit PairDivision(const GroupValues& values)
      : values_(values), size_(values.groups().size()), ways_(2 * size_ - 1, size_ - 1) {}

  // Gives the columns at `a` and `b` their best division; says whether that is better than before.
  bool improve(int* a, int* b) {
    const auto size = static_cast<std::size_t>(size_);
    std::vector<int> all(a, a + size_);
    all.insert(all.end(), b, b + size_);
    std::sort(a, a + size_);
    std::sort(b, b + size_);
    std::sort(all.begin(), all.end());
    // Relative, so that scores of any magnitude end the descent.
    constexpr double kLeastGain = 1e-12;
    double best = kept(a, b) * (1 + kLeastGain);
    bool better = false;
    std::vector<int> with_first = ways_.subset(0), first(size), second(size);
    do {
      divide(all, with_first, first, second);
      const double kept_now = kept(first.data(), second.data());
      if (kept_now > best) {
        best = kept_now;
        better = true;
        std::copy(first.begin(), first.end(), a);
        std::copy(second.begin(), second.end(), b);
      }
    } while (ways_.next(with_first));
    return better;
  }

 private:
  double kept(const int* a, const int* b) const {
    const auto size = static_cast<std::size_t>(size_);
    return values_.kept(values_.groups().number(std::span(a, size))) +
           values_.kept(values_.groups().number(std::span(b, size)));
  }

  static void divide(const std::vector<int>& all, const std::vector<int>& with_first, std::vector<int>& first,
                     std::vector<int>& second) {
    first[0] = all[0];
    std::size_t chosen = 0, left = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
      if (chosen < with_first.size() && static_cast<std::size_t>(with_first[chosen]) + 1 == i) {
        first[++chosen] = all[i];
      } else {
        second[left++] = all[i];
      }
    }
  }

  const GroupValues& values_;
  int size_;
  Subsets ways_;
};

}  // namespace

double kept_of_grouping(const GroupValues& values, const std::vector<int>& columns) {
  const auto size = static_cast<std::ptrdiff_t>(values.groups().size());
  double kept = 0;
  for (auto begin = columns.begin(); begin != columns.end(); begin += size) {
    std::vector<int> group(begin, begin + size);
    std::sort(group.begin(), group.end());
    kept += values.kept(values.groups().number(group));
  }
  return kept;
}

void improve_pairs(const GroupValues& values, std::vector<int>& columns,
                   const std::function<bool()>& should_stop) {
  const auto size = static_cast<std::size_t>(values.groups().size());
  if (columns.size() < 2 * size) return;
  PairDivision division(values);
  for (bool better = true; better;) {
    better = false;
    for (std::size_t a = 0; a < columns.size(); a += size) {
      if (should_stop()) return;
      for (std::size_t b = a + size; b < columns.size(); b += size) {
        better |= division.improve(columns.data() + a, columns.data() + b);
      }
    }
  }
}

}  // namespace nmperm
