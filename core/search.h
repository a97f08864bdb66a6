// One run of a solver: limits, seed, threads, start, and the incumbent and bound that it has reached so far.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/options.h"
#include "core/problem.h"
#include "core/result.h"
#include "core/rng.h"

namespace nmperm {

/// When a search ends; all limits hold together.
struct Limits {
  double time_s = std::numeric_limits<double>::infinity();             ///< wall clock, steady
  std::int64_t iterations = std::numeric_limits<std::int64_t>::max();  ///< unit: SolverInfo::iteration_unit
  double gap = 0;                                                      ///< stop when the gap is at most this

  bool has_iterations() const { return iterations != std::numeric_limits<std::int64_t>::max(); }
};

/// Everything that a caller sets for a run.
struct SolveParameters {
  Limits limits;
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: all processors
  std::optional<Permutation> start;
  OptionValues options;
  /// Set by the caller (a signal handler, another thread) to end the search; may be null.
  const std::atomic<bool>* interrupt = nullptr;
  /// Called on every improvement of incumbent or bound, from one thread at a time; may be empty. An exception
  /// that it throws ends the search and leaves solve().
  std::function<void(const TracePoint&)> observer;
};

/// The state of a run, shared by a solver, its threads and the stages of a portfolio. All members may be
/// called from any thread.
///
/// Kept magnitudes that solvers report are those of Problem::search_scores(), as their float32 kernels find
/// them. They only order incumbents; the figures of the Result come from the oracle.
class Search {
 public:
  /// Throws InputError when a limit, the number of threads or the start is invalid.
  Search(const Problem& problem, const SolveParameters& parameters, std::string source, Options options);

  /// A stage of this run: shares clock, incumbent, bound and trace; has limits, options and a source of its
  /// own. It starts from the incumbent. `time_s` counts from now.
  Search stage(std::string source, Options options, Limits limits, std::uint64_t seed) const;

  const Problem& problem() const { return *problem_; }
  const Options& options() const { return options_; }
  const Limits& limits() const { return limits_; }
  std::uint64_t seed() const { return seed_; }
  Rng rng(std::uint64_t stream = 0) const { return Rng(seed_, stream); }
  int threads() const { return threads_; }
  const std::string& source() const { return source_; }

  /// True where the caller gave a start (or an earlier stage found an incumbent).
  bool has_start() const { return has_start_; }
  /// The permutation to begin with: the start, or the identity.
  const Permutation& start() const { return start_; }

  /// True when time is up, the caller interrupts, or the gap is closed. Costs one clock reading, about 25 ns.
  bool should_stop() const;
  double elapsed_s() const;
  /// Seconds until the time limit of this run or stage; infinity without one.
  double remaining_s() const;

  /// Offers a solution; taken when `kept` is above the incumbent's. O(C) when taken.
  void report(const Permutation& permutation, double kept);
  /// Values the incumbent in double, as exact solvers that take over from others do: a rounding error of
  /// their float32 sums, large where one score dominates, must not shut out the optimum. O(R C).
  void value_incumbent();
  /// Offers an upper bound (on the search scores' kept magnitude); taken when it is below the present one.
  /// The trace leaves out steps that close less than a hundredth of the gap, but for the last.
  void report_bound(double kept, const std::string& method);
  /// Hands in the proof of a bound; taken when no better bound was reported, and dropped with the next better
  /// one.
  void report_certificate(double kept, std::shared_ptr<const Certificate> certificate);
  /// Says that the incumbent is optimal, proven by `method`: the bound becomes the incumbent's own value.
  void report_optimal(const std::string& method);

  Permutation incumbent() const;
  double incumbent_kept() const;
  std::optional<double> bound_kept() const;

  /// The result so far, with figures from the oracle; never worse than the start. O(R C).
  Result result() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Shared;

  Search(const Search&) = default;
  bool interrupted() const;
  bool gap_closed() const;
  void record();

  const Problem* problem_;
  Options options_;
  Limits limits_;
  std::uint64_t seed_;
  int threads_;
  std::string source_;
  bool has_start_;
  Permutation start_;
  Clock::time_point deadline_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace nmperm
