#include "network/search_sets.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "network/block_alignment.h"
#include "network/weight_matrix.h"

namespace nmperm {
namespace {

using Clock = std::chrono::steady_clock;

/// Names the tensor where a weight is not finite.
void require_finite(const OnnxModel& model, const NetworkPlan& plan) {
  for (const PlannedWeight& weight : plan.weights) {
    if (!weight.selected) continue;
    const StoredConstant& constant = model.constant(weight.weight.constant);
    (void)to_float32(constant.type, model.constant_bytes(weight.weight.constant),
                     model.path() + ":" + constant.name);
  }
}

/// Sets wait in a queue, ordered by what they might gain; each worker takes the next one with its share of
/// the time that is left.
class SetQueue {
 public:
  SetQueue(const OnnxModel& model, const NetworkPlan& plan, const Solver& solver, const NetworkSearch& search)
      : model_(model), plan_(plan), solver_(solver), search_(search), results_(plan.sets.size()) {
    const int given = search.parameters.threads;
    const int wanted = given > 0 ? given : static_cast<int>(std::thread::hardware_concurrency());
    workers_ = std::max(1, std::min(wanted, static_cast<int>(plan.sets.size())));
  }

  std::vector<SetResult> run() {
    weigh();
    begin_ = Clock::now();
    busy_until_s_.assign(static_cast<std::size_t>(workers_), 0);
    in_parallel([this](std::size_t worker) { work(worker); });
    return std::move(results_);
  }

 private:
  /// Makes every problem and finds what it might gain: the row bound less the default.
  void weigh() {
    require_finite(model_, plan_);
    problems_.resize(plan_.sets.size());
    weights_.resize(plan_.sets.size(), 0);
    in_parallel([this](std::size_t) {
      for (std::size_t s = weighed_++; s < plan_.sets.size() && !failed_; s = weighed_++) {
        guarded([&] { weigh(s); });
      }
    });
    for (std::size_t s = 0; s < weights_.size(); ++s) {
      if (weights_[s] > 0) order_.push_back(s);
    }
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return weights_[a] > weights_[b]; });
    for (const std::size_t s : order_) remaining_weight_ += weights_[s];
  }

  void weigh(std::size_t s) {
    const PermutableSet& set = plan_.sets[s];
    if (set.columns.empty()) return;
    if (set.runs) {
      results_[s] = {align_runs(model_, plan_, set), true};
      return;
    }
    auto problem = std::make_unique<const Problem>(set_problem(model_, plan_, set));
    Result& result = results_[s].result;
    result.permutation = identity_permutation(problem->columns());
    result.magnitude = problem->magnitude();
    result.solver = "identity";
    result.status = Status::kOptimal;
    if (problem->groups() < 2) {
      result.bound = Bound{result.magnitude.kept, "one group"};
      result.gap = 0;
      return;
    }
    weights_[s] = std::max(0.0, result.magnitude.row_bound - result.magnitude.default_kept) + 1e-9;
    problems_[s] = std::move(problem);
  }

  /// Runs `work(worker)` in every worker.
  template <typename Work>
  void in_parallel(Work work) {
    std::vector<std::thread> threads;
    for (int w = 1; w < workers_; ++w) threads.emplace_back(work, static_cast<std::size_t>(w));
    work(0);
    for (std::thread& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
  }

  /// Keeps the first exception for the caller.
  template <typename Work>
  void guarded(Work work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      failed_ = true;
    }
  }

  /// The next set and its share of the time that no worker has been given yet; null when there is none.
  std::optional<std::size_t> take(std::size_t worker, double& time_s) {
    const std::lock_guard lock(mutex_);
    if (next_ >= order_.size() || failed_) return std::nullopt;
    const std::size_t set = order_[next_++];
    const double limit_s = search_.parameters.limits.time_s;
    const double now_s = std::chrono::duration<double>(Clock::now() - begin_).count();
    busy_until_s_[worker] = now_s;
    double free_s = 0;
    for (const double busy_s : busy_until_s_) free_s += std::max(0.0, limit_s - std::max(now_s, busy_s));
    const double share = std::min(1.0, weights_[set] / remaining_weight_);
    time_s = std::min(std::max(0.0, limit_s - now_s), free_s * share);
    busy_until_s_[worker] = now_s + time_s;
    remaining_weight_ = std::max(1e-300, remaining_weight_ - weights_[set]);
    return set;
  }

  void work(std::size_t worker) {
    double time_s = 0;
    while (const auto s = take(worker, time_s)) guarded([&] { solve(*s, time_s); });
  }

  void solve(std::size_t s, double time_s) {
    SolveParameters parameters = search_.parameters;
    parameters.limits.time_s = time_s;
    parameters.threads = 1;
    parameters.start.reset();
    parameters.observer = nullptr;
    const auto problem = std::move(problems_[s]);
    SetResult found{solver_.solve(*problem, parameters), true};
    const std::lock_guard lock(mutex_);
    results_[s] = std::move(found);
    ++done_;
    if (search_.progress) search_.progress(done_, order_.size(), plan_.sets[s], results_[s]);
  }

  const OnnxModel& model_;
  const NetworkPlan& plan_;
  const Solver& solver_;
  const NetworkSearch& search_;
  std::vector<SetResult> results_;
  std::vector<std::unique_ptr<const Problem>> problems_;
  std::vector<double> weights_;
  std::atomic<std::size_t> weighed_ = 0;
  std::vector<std::size_t> order_;
  double remaining_weight_ = 0;
  std::vector<double> busy_until_s_;  // of each worker, as its time was given
  int workers_ = 1;
  Clock::time_point begin_;
  std::mutex mutex_;
  std::size_t next_ = 0, done_ = 0;
  std::exception_ptr failure_;
  std::atomic<bool> failed_ = false;
};

}  // namespace

std::vector<SetResult> search_sets(const OnnxModel& model, const NetworkPlan& plan, const Solver& solver,
                                   const NetworkSearch& search) {
  return SetQueue(model, plan, solver, search).run();
}

}  // namespace nmperm
