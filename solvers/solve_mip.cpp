#include "solvers/solve_mip.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <utility>

#include "core/error.h"

namespace nmperm {
namespace {

// A power of two that brings the mean absolute objective coefficient near 1000.
double objective_scale(const MixedIntegerProgram& program) {
  double sum = 0;
  int count = 0;
  for (const double c : program.objective()) {
    if (c == 0) continue;
    sum += std::abs(c);
    ++count;
  }
  if (!(sum > 0)) return 1;
  return std::exp2(std::round(std::log2(1000 / (sum / count))));
}

// What is known so far, in terms of the whole program, while the backend may see only some of its columns.
class Keeper {
 public:
  Keeper(const MixedIntegerProgram& program, const MipRequest& request)
      : program_(program),
        request_(request),
        sign_(program.sense() == MixedIntegerProgram::Sense::kMinimize ? 1 : -1) {
    if (!request.start) return;
    if (program.violation(*request.start) > kMipFeasibility) {
      throw InternalError("mixed-integer program: the start is not feasible");
    }
    values_ = *request.start;
    objective_ = program.objective_of(values_);
  }

  /// The request with callbacks that check and never throw.
  MipRequest guarded() {
    MipRequest inner = request_;
    inner.objective_scale = objective_scale(program_);
    inner.should_stop = [this] {
      return guard([this] { stop_ = stop_ || (request_.should_stop && request_.should_stop()); });
    };
    inner.on_incumbent = [this](double, const std::vector<double>& values) { guard([&] { offer(values); }); };
    inner.on_bound = [this](double bound) { guard([&] { tighten(bound); }); };
    return inner;
  }

  /// Takes the bound of these duals, and from now on leaves out columns that cannot improve on the start.
  /// Says whether there are any.
  bool fix_by_reduced_costs(const std::vector<double>& duals) {
    const auto proof = program_.dual_bound(duals);
    guard([&] { tighten(proof.bound); });
    // Room for rounding in the sums of the bound and of the reduced costs.
    const double allowed = sign_ * (objective_ - proof.bound) + 1e-9 * std::abs(objective_);
    for (int j = 0; j < program_.columns(); ++j) {
      const auto column = static_cast<std::size_t>(j);
      const bool removable =
          program_.is_integer(j) && program_.column_lower()[column] == 0 && values_[column] == 0;
      if (!removable || !(sign_ * proof.reduced_costs[column] > allowed)) kept_.push_back(j);
    }
    restricted_ = kept_.size() < static_cast<std::size_t>(program_.columns());
    if (restricted_) left_out_best_ = objective_;
    return restricted_;
  }
  const std::vector<int>& kept_columns() const { return kept_; }
  std::vector<double> start() const {
    std::vector<double> start;
    for (const int column : kept_) start.push_back(values_[static_cast<std::size_t>(column)]);
    return start;
  }

  MipOutcome outcome(MipOutcome raw) {
    if (failure_) std::rethrow_exception(failure_);
    if (raw.status == MipStatus::kFailed) throw InternalError(raw.message);
    if (!raw.values.empty()) offer(raw.values);
    if (raw.status == MipStatus::kInfeasible && !values_.empty()) {
      // The backend cuts off at the start's value: nothing is better.
      raw.status = MipStatus::kOptimal;
      raw.bound = objective_;
    }
    if (raw.status == MipStatus::kOptimal && values_.empty()) {
      return {MipStatus::kStopped, {}, 0, {}, "the reported optimum violates the program"};
    }
    if (raw.bound) tighten(*raw.bound);
    raw.values = std::move(values_);
    raw.objective = objective_;
    raw.bound = bound_;
    return raw;
  }

 private:
  // Exceptions must not pass through a solver written in C. Returns whether to stop.
  template <typename Function>
  bool guard(const Function& function) {
    try {
      function();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
      stop_ = true;
    }
    return stop_;
  }

  void offer(const std::vector<double>& found) {
    std::vector<double> values = found;
    if (restricted_) {
      values.assign(static_cast<std::size_t>(program_.columns()), 0.0);
      for (std::size_t j = 0; j < found.size(); ++j) values[static_cast<std::size_t>(kept_[j])] = found[j];
    }
    for (int j = 0; j < program_.columns(); ++j) {
      double& value = values[static_cast<std::size_t>(j)];
      if (program_.is_integer(j)) value = std::round(value);
    }
    if (program_.violation(values) > kMipFeasibility) return;
    const double objective = program_.objective_of(values);
    if (!values_.empty() && sign_ * objective >= sign_ * objective_) return;
    values_ = std::move(values);
    objective_ = objective;
    if (request_.on_incumbent) request_.on_incumbent(objective_, values_);
  }

  void tighten(double bound) {
    if (!std::isfinite(bound)) return;
    if (left_out_best_) bound = sign_ * std::min(sign_ * bound, sign_ * *left_out_best_);
    bound -= sign_ * kMipBoundMargin * std::abs(bound);
    if (bound_ && sign_ * bound <= sign_ * *bound_) return;
    bound_ = bound;
    if (request_.on_bound) request_.on_bound(bound);
  }

  const MixedIntegerProgram& program_;
  const MipRequest& request_;
  double sign_;
  std::vector<double> values_;
  double objective_ = 0;
  std::optional<double> bound_;
  std::vector<int> kept_;  // columns that the backend sees, where restricted
  bool restricted_ = false;
  std::optional<double> left_out_best_;  // no solution with a column that was left out is better
  bool stop_ = false;
  std::exception_ptr failure_;
};

}  // namespace

MipOutcome solve_mip(const MipBackend& backend, const MixedIntegerProgram& program,
                     const MipRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  Keeper keeper(program, request);
  MipRequest inner = keeper.guarded();
  if (!request.start) return keeper.outcome(backend.solve(program, inner));

  const LpOutcome relaxation = backend.relax(program, inner);
  if (relaxation.status == MipStatus::kStopped || relaxation.status == MipStatus::kFailed) {
    return keeper.outcome({relaxation.status, {}, 0, {}, relaxation.message});
  }
  inner.time_limit_s -= std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (relaxation.status != MipStatus::kOptimal || !keeper.fix_by_reduced_costs(relaxation.row_duals)) {
    return keeper.outcome(backend.solve(program, inner));
  }
  inner.start = keeper.start();
  return keeper.outcome(backend.solve(program.with_columns(keeper.kept_columns()), inner));
}

}  // namespace nmperm
