#include "core/search.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "core/error.h"

namespace nmperm {

const char* to_string(Status status) {
  switch (status) {
    case Status::kOptimal:
      return "optimal";
    case Status::kFeasible:
      return "feasible";
    case Status::kTimeLimit:
      return "time_limit";
    case Status::kInterrupted:
      return "interrupted";
  }
  return "feasible";
}

std::optional<Status> status_named(std::string_view name) {
  for (const Status status :
       {Status::kOptimal, Status::kFeasible, Status::kTimeLimit, Status::kInterrupted}) {
    if (name == to_string(status)) return status;
  }
  return std::nullopt;
}

struct Search::Shared {
  Clock::time_point begin = Clock::now();
  Clock::time_point deadline = Clock::time_point::max();  // of the whole run
  const std::atomic<bool>* interrupt = nullptr;
  std::function<void(const TracePoint&)> observer;
  std::string solver;
  OptionValues options;
  Permutation start;
  double start_kept = 0;  // from the oracle

  mutable std::mutex mutex;
  Permutation incumbent;
  double kept = 0;  // in units of the search scores
  std::optional<Bound> bound;
  bool proven = false;  // the bound is the incumbent itself
  std::atomic<bool> closed = false;
  double gap_limit = 0;
  std::vector<TracePoint> trace;
  std::optional<TracePoint> untraced;  // a step of the bound since, too small for the trace
  std::exception_ptr observer_error;
};

namespace {

int thread_count(int requested) {
  if (requested < 0) {
    throw InputError("threads", {}, std::to_string(requested), "a positive number, or 0 for all processors");
  }
  return requested > 0 ? requested : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void validate(const Limits& limits) {
  if (!(limits.time_s >= 0)) {
    throw InputError("time limit", {}, std::to_string(limits.time_s) + " s", "zero or more seconds");
  }
  if (limits.iterations < 0) {
    throw InputError("iteration limit", {}, std::to_string(limits.iterations), "zero or more iterations");
  }
  if (!(limits.gap >= 0)) throw InputError("gap limit", {}, std::to_string(limits.gap), "zero or more");
}

/// Trees raise their bounds in thousands of tiny steps: those that close less than a hundredth of the gap are
/// left out of the trace, but for the last.
bool is_step(const TracePoint& last, const TracePoint& point) {
  constexpr double kLeastStep = 0.01;
  if (point.kept > last.kept || !last.bound || !point.bound) return true;
  return *last.bound - *point.bound >= kLeastStep * (*last.bound - point.kept);
}

template <typename TimePoint>
TimePoint add_seconds(TimePoint from, double seconds) {
  constexpr double kAlways = 1e9;  // 30 years: beyond it the clock's arithmetic would overflow
  if (seconds > kAlways) return TimePoint::max();
  return from +
         std::chrono::duration_cast<typename TimePoint::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

Search::Search(const Problem& problem, const SolveParameters& parameters, std::string source, Options options)
    : problem_(&problem),
      options_(std::move(options)),
      limits_(parameters.limits),
      seed_(parameters.seed),
      threads_(thread_count(parameters.threads)),
      source_(std::move(source)),
      has_start_(parameters.start.has_value()),
      start_(parameters.start ? *parameters.start : identity_permutation(problem.columns())),
      shared_(std::make_shared<Shared>()) {
  validate(limits_);
  if (has_start_) validate_permutation(start_, problem.segments(), "start");
  deadline_ = add_seconds(shared_->begin, limits_.time_s);
  shared_->deadline = deadline_;
  shared_->interrupt = parameters.interrupt;
  shared_->observer = parameters.observer;
  shared_->solver = source_;
  shared_->options = options_.values();
  shared_->start = start_;
  shared_->gap_limit = limits_.gap;
  shared_->incumbent = start_;
  const double start_kept = has_start_ ? kept_magnitude(problem.scores(), problem.pattern(), start_)
                                       : problem.magnitude().default_kept;
  shared_->start_kept = start_kept;
  shared_->kept = start_kept / problem.search_scale();
  record();
  if (start_kept >= problem.magnitude().row_bound) report_optimal("row-bound");
}

Search Search::stage(std::string source, Options options, Limits limits, std::uint64_t seed) const {
  Search stage(*this);
  stage.source_ = std::move(source);
  stage.options_ = std::move(options);
  stage.limits_ = limits;
  stage.seed_ = seed;
  stage.deadline_ = std::min(deadline_, add_seconds(Clock::now(), limits.time_s));
  stage.start_ = incumbent();
  stage.has_start_ = has_start_ || stage.start_ != shared_->start;
  return stage;
}

bool Search::interrupted() const {
  return shared_->interrupt != nullptr && shared_->interrupt->load(std::memory_order_relaxed);
}

bool Search::should_stop() const {
  return shared_->closed.load(std::memory_order_relaxed) || interrupted() || Clock::now() >= deadline_;
}

double Search::elapsed_s() const {
  return std::chrono::duration<double>(Clock::now() - shared_->begin).count();
}

double Search::remaining_s() const {
  if (deadline_ == Clock::time_point::max()) return std::numeric_limits<double>::infinity();
  return std::chrono::duration<double>(deadline_ - Clock::now()).count();
}

// Called with the mutex held (or before the search is shared).
void Search::record() {
  const double scale = problem_->search_scale();
  TracePoint point{elapsed_s(), shared_->kept * scale, std::nullopt, source_};
  // An incumbent that was valued again may have lost a rounding error.
  if (!shared_->trace.empty()) point.kept = std::max(point.kept, shared_->trace.back().kept);
  if (shared_->bound) {
    point.bound = shared_->bound->kept * scale;
    const double pruned = problem_->magnitude().total / scale - shared_->kept;
    const double limit = std::max(shared_->gap_limit, shared_->proven ? 0.0 : kOptimalGap / 2);
    if (shared_->bound->kept - shared_->kept <= limit * pruned) shared_->closed = true;
  }
  // Solvers report from parallel regions, which an exception must not leave: it ends the search and comes out
  // of result().
  if (shared_->observer && !shared_->observer_error) {
    try {
      shared_->observer(point);
    } catch (...) {
      shared_->observer_error = std::current_exception();
      shared_->closed = true;
    }
  }
  shared_->untraced.reset();
  if (shared_->trace.empty() || is_step(shared_->trace.back(), point)) {
    shared_->trace.push_back(std::move(point));
  } else {
    shared_->untraced = std::move(point);
  }
}

void Search::report(const Permutation& permutation, double kept) {
  const std::lock_guard lock(shared_->mutex);
  if (!(kept > shared_->kept)) return;
  shared_->incumbent = permutation;
  shared_->kept = kept;
  record();
}

void Search::value_incumbent() {
  const std::lock_guard lock(shared_->mutex);
  shared_->kept = problem_->evaluate(shared_->incumbent).kept / problem_->search_scale();
}

void Search::report_bound(double kept, const std::string& method) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->bound && kept >= shared_->bound->kept) return;
  shared_->bound = Bound{kept, method, nullptr};
  record();
}

void Search::report_certificate(double kept, std::shared_ptr<const Certificate> certificate) {
  constexpr double kRounding = 1e-12;  // of sums of bounds
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->bound || shared_->proven || kept > shared_->bound->kept * (1 + kRounding)) return;
  shared_->bound->certificate = std::move(certificate);
}

void Search::report_optimal(const std::string& method) {
  const std::lock_guard lock(shared_->mutex);
  shared_->bound = Bound{shared_->kept, method, nullptr};
  shared_->proven = true;
  record();
}

Permutation Search::incumbent() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->incumbent;
}

double Search::incumbent_kept() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->kept;
}

std::optional<double> Search::bound_kept() const {
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->bound) return std::nullopt;
  return shared_->bound->kept;
}

Result Search::result() const {
  Result result;
  result.seconds = elapsed_s();
  const bool timed_out = Clock::now() >= shared_->deadline;
  const std::lock_guard lock(shared_->mutex);
  if (shared_->observer_error) std::rethrow_exception(shared_->observer_error);
  try {
    validate_permutation(shared_->incumbent, problem_->segments(), source_);
  } catch (const InputError& error) {
    throw InternalError(error.what());
  }
  result.permutation = shared_->incumbent;
  result.magnitude = problem_->evaluate(result.permutation);
  // Kernels round: a candidate that seemed better by less than an ulp of the sum may be worse.
  if (shared_->start_kept > result.magnitude.kept) {
    result.permutation = shared_->start;
    result.magnitude.kept = shared_->start_kept;
  }
  if (shared_->bound) {
    result.bound = shared_->bound;
    result.bound->kept =
        shared_->proven ? result.magnitude.kept : shared_->bound->kept * problem_->search_scale();
    constexpr double kRounding = 1e-9;  // of double sums over all scores, with room to spare
    if (result.bound->kept < result.magnitude.kept * (1 - kRounding)) {
      throw InternalError("bound " + std::to_string(result.bound->kept) + " of " + result.bound->method +
                          " lies below a known solution that keeps " + std::to_string(result.magnitude.kept));
    }
    result.bound->kept = std::max(result.bound->kept, result.magnitude.kept);
  } else if (result.magnitude.kept >= result.magnitude.row_bound) {
    result.bound = Bound{result.magnitude.kept, "row-bound", nullptr};
  }
  if (result.bound) result.gap = result.magnitude.gap(result.bound->kept);
  if (result.gap && *result.gap <= kOptimalGap) {
    result.status = Status::kOptimal;
  } else if (interrupted()) {
    result.status = Status::kInterrupted;
  } else if (timed_out) {
    result.status = Status::kTimeLimit;
  }
  result.solver = shared_->solver;
  result.options = shared_->options;
  result.seed = seed_;
  result.threads = threads_;
  result.trace = shared_->trace;
  if (shared_->untraced) result.trace.push_back(*shared_->untraced);
  return result;
}

}  // namespace nmperm
