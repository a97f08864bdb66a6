// Kept magnitudes of whole permutations by the vector kernels, and random permutations.
#pragma once

#include "core/group_kernels.h"
#include "core/problem.h"
#include "core/rng.h"

namespace nmperm {

/// Kept magnitude, on the search scores, of the group of columns[0..M-1].
double kept_of_group_columns(const Problem& problem, const int* columns);

/// Kept magnitude of a permutation on the search scores: what solvers report. O(R C).
double kept_of_permutation(const Problem& problem, const Permutation& permutation);

/// A uniformly random permutation inside every segment.
Permutation random_permutation(const Segments& segments, Rng rng);

}  // namespace nmperm
