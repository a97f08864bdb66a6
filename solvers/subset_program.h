// Dynamic programming over the subsets of a segment's columns: the best division into groups, exactly.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "formulations/group_values.h"

namespace nmperm {

/// f(S) = the most that the columns outside S can keep. The next group always contains the lowest column
/// that is left, so every division is counted once and S, with k groups in it, contains the columns 0..k-1:
/// there are only C(L-k, (M-1)k) such sets of each size. (Held & Karp, "A dynamic programming approach to
/// sequencing problems", J. SIAM 10(1), 1962, DOI 10.1137/0110015, applied to set partitioning.)
///
/// Number of sets S for L columns in groups of M, over all sizes; a double because it may exceed integers.
double subset_program_states(int columns, int group);
/// Bytes that best_division() and the group values it is given take.
double subset_program_bytes(int columns, int group);

/// The division of all columns into groups that keeps most, as columns in the order of their groups.
/// Null once `should_stop` (asked from any thread) says true. The same for any number of threads.
/// At M = 4: 1 ms at 16 columns, 0.3 s at 24, 10 s at 28.
std::optional<std::vector<int>> best_division(const GroupValues& values, int threads,
                                              const std::function<bool()>& should_stop);

}  // namespace nmperm
