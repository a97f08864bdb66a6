// Crossover of two permutations whose genes are groups.
#pragma once

#include <vector>

#include "core/problem.h"
#include "core/rng.h"

namespace nmperm {

/// Every group's kept magnitude, by its place in a permutation.
std::vector<double> kept_by_group(const Problem& problem, const Permutation& permutation);

/// A parent: its permutation and kept_by_group of it.
struct Parent {
  const Permutation* permutation;
  const std::vector<double>* kept;
};

/// What a column fetches on average: mean over the members of 1/M of its group's kept magnitude. O(C) a
/// member.
std::vector<double> mean_column_value(const Problem& problem, const std::vector<Parent>& members);

/// A child with the groups that both parents have, then alternately from either the one of highest kept
/// magnitude above its columns' values among `tournament` drawn at random that fit, until none fits. What is
/// left is grouped at random. O(C log C).
Permutation group_crossover(const Problem& problem, const Parent& a, const Parent& b,
                            const std::vector<double>& column_value, Rng& rng);

}  // namespace nmperm
