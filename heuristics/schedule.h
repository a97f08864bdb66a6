// How far a schedule has come: by the clock, or by iterations where a run must be repeatable.
#pragma once

#include <cstdint>

#include "core/search.h"

namespace nmperm {

class Schedule {
 public:
  static Schedule by_time(const Search& search, double seconds) {
    return {&search, search.elapsed_s(), seconds, 0};
  }
  static Schedule by_iterations(const Search& search, std::int64_t iterations) {
    return {&search, 0, 0, iterations};
  }

  /// 0 at the beginning, 1 or more at the end; `iterations` since the beginning.
  double after(std::int64_t iterations) const {
    if (seconds_ > 0) return (search_->elapsed_s() - begin_s_) / seconds_;
    return iterations_ > 0 ? static_cast<double>(iterations) / static_cast<double>(iterations_) : 1;
  }

 private:
  Schedule(const Search* search, double begin_s, double seconds, std::int64_t iterations)
      : search_(search), begin_s_(begin_s), seconds_(seconds), iterations_(iterations) {}

  const Search* search_;
  double begin_s_, seconds_;
  std::int64_t iterations_;
};

}  // namespace nmperm
