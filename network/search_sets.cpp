#include "network/search_sets.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "network/block_alignment.h"
#include "network/constant_view.h"
#include "network/set_schedule.h"
#include "network/weight_matrix.h"

namespace nmperm {
namespace {

/// Names the tensor where a weight is not finite.
void require_finite(const OnnxModel& model, const NetworkPlan& plan) {
  for (const PlannedWeight& weight : plan.weights) {
    if (!weight.selected) continue;
    const StoredConstant& constant = model.constant(weight.weight.constant);
    require_finite(constant.type, ConstantView(model, weight.weight.constant).bytes(),
                   model.path() + ":" + constant.name);
  }
}

/// Sets wait in a queue, ordered by what they might gain; each worker takes the next one with its share of
/// the time that is left.
class SetQueue {
 public:
  SetQueue(const OnnxModel& model, const NetworkPlan& plan, const Solver& solver, const NetworkSearch& search,
           const std::vector<int>& moved)
      : model_(model),
        plan_(plan),
        solver_(solver),
        search_(search),
        moved_(moved),
        results_(plan.sets.size()) {
    const int given = search.parameters.threads;
    const int wanted = given > 0 ? given : static_cast<int>(std::thread::hardware_concurrency());
    workers_ = std::max(1, std::min(wanted, static_cast<int>(plan.sets.size())));
  }

  std::vector<SetResult> run() {
    weigh();
    schedule_.emplace(weights_, workers_, search_.parameters.limits.time_s);
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
  }

  void weigh(std::size_t s) {
    const PermutableSet& set = plan_.sets[s];
    if (set.columns.empty()) return;
    if (set.runs) {
      results_[s] = {align_runs(model_, plan_, set, search_.scoring), true};
      return;
    }
    auto problem = std::make_unique<const Problem>(set_problem(model_, plan_, set, search_.scoring, moved_));
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

  void work(std::size_t worker) {
    while (!failed_) {
      const auto turn = schedule_->take(worker);
      if (!turn) return;
      guarded([&] { solve(turn->set, turn->time_s); });
    }
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
    if (search_.progress) search_.progress(done_, schedule_->size(), plan_.sets[s], results_[s]);
  }

  const OnnxModel& model_;
  const NetworkPlan& plan_;
  const Solver& solver_;
  const NetworkSearch& search_;
  const std::vector<int>& moved_;
  std::vector<SetResult> results_;
  std::vector<std::unique_ptr<const Problem>> problems_;
  std::vector<double> weights_;
  std::atomic<std::size_t> weighed_ = 0;
  std::optional<SetSchedule> schedule_;
  int workers_ = 1;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::exception_ptr failure_;
  std::atomic<bool> failed_ = false;
};

}  // namespace

std::vector<SetResult> search_sets(const OnnxModel& model, const NetworkPlan& plan, const Solver& solver,
                                   const NetworkSearch& search, const std::vector<int>& moved) {
  return SetQueue(model, plan, solver, search, moved).run();
}

}  // namespace nmperm
