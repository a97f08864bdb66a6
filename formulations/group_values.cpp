#include "formulations/group_values.h"

#include <algorithm>
#include <atomic>
#include <numeric>

namespace nmperm {
namespace {

// Sum of term(0) .. term(count - 1) in double; count is a multiple of kRowAlignment. Independent lanes,
// because compilers keep the order of floating-point sums and would not vectorise a single one.
template <typename Term>
double lane_sum(std::size_t count, const Term& term) {
  constexpr std::size_t kLanes = 8;
  static_assert(kRowAlignment % kLanes == 0);
  double lanes[kLanes] = {};
  for (std::size_t i = 0; i < count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += static_cast<double>(term(i + lane));
  }
  return std::accumulate(lanes, lanes + kLanes, 0.0);
}

// Depth-first walk over the (M-1)-subsets of columns, each chosen from its largest element down; on the way
// it keeps, per row, the N largest scores chosen so far. One walker per thread.
class Walker {
 public:
  Walker(const ScoreMatrix& scores, const Pattern& pattern, int first, const Subsets& groups, double* kept,
         const std::function<bool()>& should_stop)
      : scores_(scores),
        keep_(pattern.keep),
        chosen_most_(pattern.group - 1),
        first_(first),
        groups_(groups),
        kept_(kept),
        should_stop_(should_stop),
        rows_(scores.stride()),
        top_(static_cast<std::size_t>(pattern.group) * static_cast<std::size_t>(keep_) * rows_) {}

  // All groups whose second largest column is `second`.
  bool run(int second) {
    if (should_stop_ && should_stop_()) return false;
    second_ = second;
    return choose(second, 0, 0);
  }

 private:
  float* top(int chosen) {
    return top_.data() + static_cast<std::size_t>(chosen) * static_cast<std::size_t>(keep_) * rows_;
  }
  const float* column(int c) const { return scores_.column(first_ + c); }

  // Adds column c to the `chosen` ones; `number` is the colexicographic number of those.
  bool choose(int c, int chosen, std::size_t number) {
    insert(c, chosen);
    ++chosen;
    const int missing = chosen_most_ - chosen;
    number += groups_.choose(c, missing + 1);
    if (missing == 0) {
      complete(number);
      return true;
    }
    if (missing == 1 && should_stop_ && should_stop_()) return false;
    for (int next = missing - 1; next < c; ++next) {
      if (!choose(next, chosen, number)) return false;
    }
    return true;
  }

  // top(chosen + 1) = the N largest of top(chosen) and column c, by insertion. What is not chosen yet counts
  // as zeros.
  void insert(int c, int chosen) {
    const float* from = top(chosen);
    float* to = top(chosen + 1);
    float* const last = to + static_cast<std::size_t>(keep_ - 1) * rows_;
    std::copy_n(column(c), rows_, last);  // the last rank holds what is still to be placed
    for (int k = 0; k + 1 < keep_; ++k, from += rows_, to += rows_) {
      for (std::size_t r = 0; r < rows_; ++r) {
        const float x = last[r], y = from[r];
        to[r] = x > y ? x : y;
        last[r] = x > y ? y : x;
      }
    }
    for (std::size_t r = 0; r < rows_; ++r) last[r] = last[r] > from[r] ? last[r] : from[r];
  }

  // The values of the chosen M-1 columns with every larger column.
  void complete(std::size_t number) {
    const float* const chosen = top(chosen_most_);
    const std::size_t certain = static_cast<std::size_t>(keep_ - 1) * rows_;
    const double base = lane_sum(certain, [chosen](std::size_t i) { return chosen[i]; });
    const float* const threshold = chosen + certain;
    for (int d = second_ + 1; d < groups_.elements(); ++d) {
      const float* const scores = column(d);
      kept_[number + groups_.choose(d, groups_.size())] =
          base + lane_sum(rows_, [threshold, scores](std::size_t r) {
            return threshold[r] > scores[r] ? threshold[r] : scores[r];
          });
    }
  }

  const ScoreMatrix& scores_;
  int keep_, chosen_most_, first_;
  const Subsets& groups_;
  double* kept_;
  const std::function<bool()>& should_stop_;
  std::size_t rows_;
  std::vector<float> top_;  // [chosen][rank][row], scores chosen so far in decreasing order
  int second_ = 0;
};

}  // namespace

std::optional<GroupValues> GroupValues::compute(const ScoreMatrix& scores, const Pattern& pattern, int first,
                                                int columns, int threads,
                                                const std::function<bool()>& should_stop) {
  GroupValues values(columns, pattern.group);
  for (int c = 0; c < columns; ++c) {
    const float* const column = scores.column(first + c);
    values.column_total_.push_back(std::accumulate(column, column + scores.rows(), 0.0));
  }
  std::atomic<bool> stopped = false;
#pragma omp parallel num_threads(threads) if (values.count() * scores.stride() > 1'000'000)
  {
    Walker walker(scores, pattern, first, values.groups_, values.kept_.data(), should_stop);
#pragma omp for schedule(dynamic, 1)
    for (int second = pattern.group - 2; second < columns - 1; ++second) {
      if (!stopped.load(std::memory_order_relaxed) && !walker.run(second)) stopped = true;
    }
  }
  if (stopped) return std::nullopt;
  return values;
}

double GroupValues::total() const {
  return std::accumulate(column_total_.begin(), column_total_.end(), 0.0);
}

double GroupValues::pruned(std::size_t group, std::span<const int> columns) const {
  double total = 0;
  for (const int column : columns) total += column_total(column);
  return std::max(0.0, total - kept(group));
}

}  // namespace nmperm
