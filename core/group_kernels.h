// Vector kernels over the rows of columns: kept magnitude of a group, thresholds, replacement entries.
// Highway compiles them for every instruction set and picks one at run time. Rows are summed in float32 lanes
// over blocks of kSumBlock rows and the blocks in double, so a value differs from the oracle's by rounding
// only.
//
// All columns are those of a ScoreMatrix: 64-byte aligned, `rows` = stride(), a multiple of kRowAlignment,
// zero beyond the last row.
#pragma once

#include <cstddef>

#include "core/pattern.h"

namespace nmperm {

/// Rows whose scores are added up in float32 before double takes over.
inline constexpr std::size_t kSumBlock = 1024;

/// Sum over rows of the N largest of the group's M scores. O(rows M N).
double kept_of_columns(const float* const* columns, const Pattern& pattern, std::size_t rows);

/// Thresholds of the M slots of a group: t_i[r] = N-th largest score of row r among the other M - 1 columns,
/// so that a column x in slot i would give the group
///     kept(x) = kept + sum_r max(t_i[r], x[r]) - self_i,    self_i = sum_r max(t_i[r], columns[i][r])
/// (the replacement identity). Writes `rows` floats to each thresholds[i], which must be 64-byte aligned, and
/// self_i; returns the group's kept magnitude. O(rows M N).
double group_thresholds(const float* const* columns, const Pattern& pattern, std::size_t rows,
                        float* const* thresholds, double* self);

/// The threshold of one slot alone: N-th largest score of every row among the other M - 1 columns of its
/// group, which `others` lists. Writes `rows` floats to `threshold`, 64-byte aligned. O(rows M N).
void slot_threshold(const float* const* others, const Pattern& pattern, std::size_t rows, float* threshold);

/// sum_r max(threshold[r], column[r]): an entry of the replacement matrix. O(rows).
double replacement(const float* threshold, const float* column, std::size_t rows);

/// replacement(t_i, x_j) + replacement(t_j, x_i) in one pass: a swap of the columns in slots i and j of
/// different groups changes the kept magnitude by this minus self_i minus self_j. O(rows).
double swap_replacement(const float* t_i, const float* x_i, const float* t_j, const float* x_j,
                        std::size_t rows);

}  // namespace nmperm
