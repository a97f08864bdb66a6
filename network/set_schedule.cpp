#include "network/set_schedule.h"

#include <algorithm>

namespace nmperm {

SetSchedule::SetSchedule(const std::vector<double>& weights, int workers, double time_limit_s)
    : weights_(weights), time_limit_s_(time_limit_s), busy_until_s_(static_cast<std::size_t>(workers), 0.0) {
  for (std::size_t s = 0; s < weights_.size(); ++s) {
    if (weights_[s] > 0) order_.push_back(s);
  }
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return weights_[a] > weights_[b]; });
  for (const std::size_t s : order_) remaining_weight_ += weights_[s];
}

double SetSchedule::elapsed_s() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

std::optional<SetSchedule::Turn> SetSchedule::take(std::size_t worker) {
  const std::lock_guard lock(mutex_);
  if (next_ >= order_.size()) return std::nullopt;
  const std::size_t set = order_[next_++];
  const double now_s = elapsed_s();
  busy_until_s_[worker] = now_s;
  double free_s = 0;
  for (const double busy_s : busy_until_s_) free_s += std::max(0.0, time_limit_s_ - std::max(now_s, busy_s));
  const double share = std::min(1.0, weights_[set] / remaining_weight_);
  const double time_s = std::min(std::max(0.0, time_limit_s_ - now_s), free_s * share);
  busy_until_s_[worker] = now_s + time_s;
  remaining_weight_ = std::max(1e-300, remaining_weight_ - weights_[set]);
  return Turn{set, time_s};
}

}  // namespace nmperm
