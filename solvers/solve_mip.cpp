#include "solvers/solve_mip.h"

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

// What is known so far, and the guarded callbacks that keep it.
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

  MipOutcome outcome(MipOutcome raw) {
    if (failure_) std::rethrow_exception(failure_);
    if (raw.status == MipStatus::kFailed) throw InternalError(raw.message);
    if (!raw.values.empty()) offer(raw.values);
    if (raw.bound) tighten(*raw.bound);
    if (raw.status == MipStatus::kOptimal && values_.empty()) {
      return {MipStatus::kStopped, {}, 0, {}, "the reported optimum violates rows of the program"};
    }
    if (raw.status == MipStatus::kInfeasible && !values_.empty()) {
      // Cutoffs at the start's value leave nothing: the start is optimal.
      raw.status = MipStatus::kOptimal;
      tighten(objective_);
    }
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

  void offer(std::vector<double> values) {
    for (std::size_t j = 0; j < values.size(); ++j) {
      if (program_.is_integer(static_cast<int>(j))) values[j] = std::round(values[j]);
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
  bool stop_ = false;
  std::exception_ptr failure_;
};

}  // namespace

MipOutcome solve_mip(const MipBackend& backend, const MixedIntegerProgram& program, MipRequest request) {
  Keeper keeper(program, request);
  return keeper.outcome(backend.solve(program, keeper.guarded()));
}

}  // namespace nmperm
