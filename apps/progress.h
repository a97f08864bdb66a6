// Progress of a search on standard error: a line per improvement and per interval, and a bar on a terminal.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/objective.h"
#include "core/result.h"

namespace nmperm {

/// Prints from a thread of its own, so that a slow terminal never holds up the search. Improvements that
/// follow each other faster than ten a second share a line; the last one is always printed.
///
/// Columns have a fixed width, so that two logs can be compared line by line:
/// `seconds kept efficacy bound gap source`. A line of an interval without an improvement has source `-`.
class Progress {
 public:
  /// `reference` gives total, default and row bound. `time_limit_s` may be infinite.
  Progress(const Magnitude& reference, double time_limit_s);
  /// Prints what is pending and removes the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// The observer of a search (SolveParameters::observer). Never waits for the terminal.
  void observe(const TracePoint& point);

 private:
  using Clock = std::chrono::steady_clock;

  void print_until_done();
  void print(const std::optional<TracePoint>& improvement);
  void append_line(std::string& text, const TracePoint& point);
  std::string bar() const;
  double elapsed_s() const;

  const Magnitude reference_;
  const double time_limit_s_;
  const bool terminal_;
  const Clock::time_point begin_ = Clock::now();

  // Touched by the printing thread alone.
  std::optional<TracePoint> latest_;
  int lines_ = 0;
  double next_interval_s_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::optional<TracePoint> pending_;
  bool done_ = false;

  std::thread printer_;  // last: starts when all else is there
};

/// One line without line break, in the columns of the log.
std::string progress_header();
std::string progress_line(const Magnitude& reference, const TracePoint& point);

}  // namespace nmperm
