// How long a dive takes on this machine, so that searches begin only what they can end.
#pragma once

#include "core/problem.h"

namespace nmperm {

/// Measures the kernels for half a millisecond.
class DiveTime {
 public:
  DiveTime(const Problem& problem, int threads);

  /// About the seconds that the first dive through `columns` columns takes: less leaves its prices unsettled,
  /// and annealed assignment is ahead.
  double seconds(double columns) const;

 private:
  const Problem* problem_;
  int threads_;
  double rated_slots_;  // for each column
  double rating_s_;     // of one column in one slot
};

}  // namespace nmperm
