// Vector kernels of the figures that are reported: sums in double, in the order in which the oracle
// (core/objective.h) adds them, so that they are equal to it bit for bit on every instruction set. Highway
// compiles them for each and picks one at run time.
#pragma once

#include <array>
#include <cstddef>

#include "core/pattern.h"
#include "core/score_matrix.h"

namespace nmperm {

/// kept_of_group() of columns of a ScoreMatrix; `rows` is its stride(). O(rows M N).
double exact_kept_of_columns(const float* const* columns, const Pattern& pattern, std::size_t rows);

/// A figure for each of kRowAlignment rows.
template <typename Figure>
using OfRows = std::array<Figure, static_cast<std::size_t>(kRowAlignment)>;

/// What is summed up of kRowAlignment rows at once.
struct RowFigures {
  OfRows<double> total{};         ///< sum of all scores
  OfRows<double> reached{};       ///< sum of the scores that are at least `threshold`
  OfRows<float> threshold{};      ///< at least `most` scores reach it, and as few as possible
  OfRows<int> reached_count{};    ///< `most`, or more where scores are equal
  float lowest = 0, highest = 0;  ///< of all
};

/// `scores` holds the kRowAlignment scores of one column after those of the other, aligned to 64 bytes; they
/// are finite and nonnegative, or nothing but `total`, `lowest` and `highest` is of use (`total` of a row is
/// not finite where a score is not). 0 < most <= columns. Nonnegative floats are ordered as their bits are,
/// so that a threshold is found bit by bit: at most 33 passes over the block, some 25 as a rule.
RowFigures row_figures(const float* scores, std::size_t columns, int most);

}  // namespace nmperm
