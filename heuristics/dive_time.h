// How long a dive takes on this machine, so that searches begin only what they can end.
#pragma once

#include "core/problem.h"

namespace nmperm {

/// About the seconds that the first dive through n columns takes, divided by n^2, on `threads` cores: less
/// leaves its prices unsettled, and annealed assignment is ahead. Measures the kernels for half a
/// millisecond.
double dive_s_per_column_pair(const Problem& problem, int threads);

}  // namespace nmperm
