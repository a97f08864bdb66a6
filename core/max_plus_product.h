// The (max,+) product of thresholds and columns: the replacement matrix, from which every large neighbourhood
// is read.
#pragma once

#include <cstddef>

namespace nmperm {

/// w[i * stride + j] = sum over rows of max(thresholds[i][r], columns[j][r]), for i < m and j < n.
///
/// With thresholds of slots (core/group_kernels.h) row i says what each column would be worth in slot i:
/// kept(column j in slot i) = kept of the group + w[i][j] - self_i. A swap of the columns in slots i and j
/// changes the kept magnitude by w[i][j] + w[j][i] - self_i - self_j.
///
/// Columns and thresholds as in group_kernels.h (64-byte aligned, `rows` a multiple of kRowAlignment).
/// Register-tiled like a matrix product, rows in blocks of kSumBlock: 2 m n rows vector-lane operations, near
/// the max/add peak of a core for rows >= 256. One thread; callers share out rows of w.
void max_plus_product(const float* const* thresholds, std::size_t m, const float* const* columns,
                      std::size_t n, std::size_t rows, float* w, std::size_t stride);

}  // namespace nmperm
