#include "solvers/pair_improvement.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace nmperm {
namespace {

// All ways to divide 2M columns into two groups; the first column is always in the first group.
class PairDivision {
 public:
  explicit PairDivision(const GroupValues& values)
      : values_(values), size_(values.groups().size()), ways_(2 * size_ - 1, size_ - 1) {}

  // Gives the columns at `a` and `b` their best division; says whether that is better than before.
  bool improve(int* a, int* b) const {
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

// Improves pairs with a dirty group until none is left.
void descend(const PairDivision& division, std::vector<int>& columns, std::vector<bool> dirty,
             const std::function<bool()>& should_stop) {
  const std::size_t groups = dirty.size(), size = columns.size() / groups;
  for (std::size_t a = 0; a < groups; ++a) {
    if (!dirty[a]) continue;
    if (should_stop()) return;
    dirty[a] = false;
    std::size_t first = a;
    for (std::size_t b = 0; b < groups; ++b) {
      if (b == a || !division.improve(columns.data() + a * size, columns.data() + b * size)) continue;
      dirty[a] = dirty[b] = true;
      first = std::min(first, b);
    }
    if (dirty[a]) a = first - 1;  // wraps to before the first one, where ++ brings it back
  }
}

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
  descend(PairDivision(values), columns, std::vector<bool>(columns.size() / size, true), should_stop);
}

void improve_by_kicks(const GroupValues& values, std::vector<int>& columns, int kicks, Rng rng,
                      const std::function<bool()>& should_stop) {
  const auto size = static_cast<std::size_t>(values.groups().size());
  const std::size_t groups = columns.size() / size;
  PairDivision division(values);
  descend(division, columns, std::vector<bool>(groups, true), should_stop);
  constexpr std::size_t kKicked = 3;  // two would only be put back
  if (groups < kKicked) return;
  double kept = kept_of_grouping(values, columns);
  std::vector<std::size_t> order(groups);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (int kick = 0; kick < kicks && !should_stop(); ++kick) {
    std::vector<int> changed = columns, shuffled;
    std::vector<bool> dirty(groups, false);
    rng.shuffle(order);
    for (std::size_t k = 0; k < kKicked; ++k) {
      dirty[order[k]] = true;
      for (std::size_t i = 0; i < size; ++i) shuffled.push_back(columns[order[k] * size + i]);
    }
    rng.shuffle(shuffled);
    for (std::size_t i = 0; i < shuffled.size(); ++i) {
      changed[order[i / size] * size + i % size] = shuffled[i];
    }
    descend(division, changed, std::move(dirty), should_stop);
    if (const double now = kept_of_grouping(values, changed); now >= kept) {
      kept = now;
      columns = std::move(changed);
    }
  }
}

}  // namespace nmperm
