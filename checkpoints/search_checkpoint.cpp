#include "checkpoints/search_checkpoint.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "core/error.h"
#include "network/set_schedule.h"

namespace nmperm {
namespace {

class SetSearches {
 public:
  SetSearches(const CheckpointFiles& files, const CheckpointPlan& plan, const Solver& solver,
              const CheckpointSearch& search, SearchState& state)
      : files_(files),
        plan_(plan),
        solver_(solver),
        search_(search),
        state_(state),
        results_(plan.sets.size()),
        seconds_before_(state.seconds) {
    const int given = search.parameters.threads;
    const int wanted = given > 0 ? given : static_cast<int>(std::thread::hardware_concurrency());
    workers_ = std::max(1, std::min(wanted, static_cast<int>(plan.sets.size())));
  }

  std::vector<Result> run() {
    std::vector<double> weights(plan_.sets.size(), 0.0);
    for (std::size_t s = 0; s < plan_.sets.size(); ++s) {
      if (!take_from_state(s)) weights[s] = elements_of(plan_.sets[s]);
    }
    schedule_.emplace(weights, workers_, std::max(0.0, search_.parameters.limits.time_s - seconds_before_));
    std::vector<std::thread> threads;
    for (int w = 1; w < workers_; ++w) {
      threads.emplace_back([this, w] { work(static_cast<std::size_t>(w)); });
    }
    work(0);
    for (std::thread& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
    return std::move(results_);
  }

 private:
  bool take_from_state(std::size_t s) {
    const CheckpointSet& set = plan_.sets[s];
    const auto found = state_.sets.find(set.name);
    if (found == state_.sets.end()) return false;
    validate_permutation(found->second.permutation, Segments(set.segments), "state of set " + set.name);
    results_[s] = found->second;
    return true;
  }

  double elements_of(const CheckpointSet& set) const {
    double elements = 0;
    for (const ConsumerColumns& part : set.consumers) {
      const PlacedTensor& placed = plan_.placed[static_cast<std::size_t>(part.placed)];
      const auto output = static_cast<std::size_t>(1 - placed.rule->input_axis);
      elements += static_cast<double>(plan_.tensor(files_, part.placed).shape[output]) * set.channels();
    }
    return elements;
  }

  void work(std::size_t worker) {
    while (!failed_) {
      const auto turn = schedule_->take(worker);
      if (!turn) return;
      try {
        solve(turn->set, turn->time_s);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        failed_ = true;
      }
    }
  }

  Result searched(const CheckpointSet& set, double time_s) const {
    const double begin_s = schedule_->elapsed_s();
    const SetProblem made = set_problem(files_, plan_, set, search_.scoring, search_.score_bytes);
    SolveParameters parameters = search_.parameters;
    parameters.limits.time_s = std::max(0.0, time_s - (schedule_->elapsed_s() - begin_s));
    parameters.threads = 1;
    parameters.start.reset();
    parameters.observer = nullptr;
    Result result = solver_.solve(made.problem, parameters);
    if (made.sampled()) judge_by_all_rows(set, result);
    return result;
  }

  /// What a sample says must hold for the whole, and proves nothing.
  void judge_by_all_rows(const CheckpointSet& set, Result& result) const {
    result.bound.reset();
    result.gap.reset();
    if (result.status == Status::kOptimal) result.status = Status::kFeasible;
    result.magnitude = set_magnitude(files_, plan_, set, search_.scoring, result.permutation);
    if (result.magnitude.kept >= result.magnitude.default_kept) return;
    result.permutation = identity_permutation(set.channels());
    result.magnitude.kept = result.magnitude.default_kept;
  }

  void solve(std::size_t s, double time_s) {
    const CheckpointSet& set = plan_.sets[s];
    Result result = searched(set, time_s);
    result.trace.clear();
    if (result.bound) result.bound->certificate = nullptr;
    const std::lock_guard lock(mutex_);
    results_[s] = std::move(result);
    ++done_;
    if (search_.progress) search_.progress(done_, schedule_->size(), set, results_[s]);
    if (search_.parameters.interrupt != nullptr && *search_.parameters.interrupt) return;
    state_.sets[set.name] = results_[s];
    state_.seconds = seconds_before_ + schedule_->elapsed_s();
    if (search_.save) search_.save(state_);
  }

  const CheckpointFiles& files_;
  const CheckpointPlan& plan_;
  const Solver& solver_;
  const CheckpointSearch& search_;
  SearchState& state_;
  std::vector<Result> results_;
  double seconds_before_;
  int workers_ = 1;
  std::optional<SetSchedule> schedule_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::exception_ptr failure_;
  std::atomic<bool> failed_ = false;
};

}  // namespace

std::vector<Result> search_checkpoint(const CheckpointFiles& files, const CheckpointPlan& plan,
                                      const Solver& solver, const CheckpointSearch& search,
                                      SearchState& state) {
  return SetSearches(files, plan, solver, search, state).run();
}

}  // namespace nmperm
