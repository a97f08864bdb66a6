// One time limit shared among searches that wait in a queue.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace nmperm {

/// Hands searches to workers, the heaviest first. Each gets a share of the time that no worker has been given
/// yet, in proportion to its weight; what it leaves over goes to those after it. Thread-safe.
class SetSchedule {
 public:
  /// `weights[s]` > 0 for the searches that are to be made; others are left out. Time runs from now on.
  SetSchedule(const std::vector<double>& weights, int workers, double time_limit_s);

  struct Turn {
    std::size_t set = 0;
    double time_s = 0;  ///< its share
  };
  /// The next search for a worker (0 .. workers - 1), which has finished the one before; null when none is
  /// left.
  std::optional<Turn> take(std::size_t worker);
  /// Searches in all.
  std::size_t size() const { return order_.size(); }
  double elapsed_s() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::vector<double> weights_;
  std::vector<std::size_t> order_;
  double time_limit_s_;
  double remaining_weight_ = 0;
  std::vector<double> busy_until_s_;  // of each worker, as its time was given
  std::size_t next_ = 0;
  Clock::time_point begin_ = Clock::now();
  std::mutex mutex_;
};

}  // namespace nmperm
