// Which elements an N:M pattern keeps.
//
// The rule for ties, everywhere in this project: of each group of M consecutive columns, as they stand after
// the permutation, the N with the largest scores are kept; among equal scores those further to the left (at
// the lower new position). Permuting a weight and then pruning it is therefore the same as pruning it under
// the permutation. The kept magnitude does not depend on the rule.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/pattern.h"
#include "core/permutation.h"
#include "core/score_matrix.h"
#include "sparse/weight_view.h"

namespace nmperm {

/// One group of one row: sets kept[i] to 1 for the N largest of the M scores (ties: the lower i), to 0 for
/// the rest. Scores are compared as they are and must not be NaN. O(M N).
void select_kept(std::span<const float> scores, int keep, std::span<std::uint8_t> kept);

/// R x C flags, row-major, in the permuted order: element [r * C + i] tells whether row r keeps column
/// permutation[i]. C is a multiple of M. O(R C N), memory R * C bytes.
std::vector<std::uint8_t> pattern_mask(const ScoreMatrix& scores, const Pattern& pattern,
                                       const Permutation& permutation);
/// The same for the absolute values of a weight. Throws InputError when the permutation is none of its
/// columns, when C is no multiple of M, and, naming row and column, at NaN and infinity.
std::vector<std::uint8_t> magnitude_mask(const WeightView& weight, const Pattern& pattern,
                                         const Permutation& permutation);

/// The weight in its original order with zeros where the mask, in the permuted order, keeps nothing. O(R C).
std::vector<float> prune(const WeightView& weight, const Permutation& permutation,
                         std::span<const std::uint8_t> mask);

/// Throws InputError, naming row, group and values, unless at most N elements of every group are not zero
/// (NaN is not zero). O(R C).
void require_pattern(const WeightView& weight, const Pattern& pattern);

}  // namespace nmperm
