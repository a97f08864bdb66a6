// Generated instances, equal to what NumPy's legacy generator yields, rounded to float32.
#pragma once

#include <cstdint>

#include "core/score_matrix.h"

namespace nmperm {

/// `numpy.random.seed(seed); numpy.random.rand(rows, columns)`. Memory: the matrix and 16 rows.
ScoreMatrix random_scores(int rows, int columns, std::uint32_t seed);

/// With `r = numpy.random.RandomState(seed)`, in this order of draws: `a = abs(r.randn(rows, columns))`,
/// `c = exp(0.5 * r.randn(columns))`, `w = exp(0.5 * r.randn(rows))`, `a * c[None, :] * w[:, None]`:
/// half-normal scores under log-normal column and row scales, as trained layers have them. The draws of `a`
/// are made twice, so that memory is the matrix and 16 rows. (NumPy's vectorised exp may differ from the C
/// library's in the last bit of a double; that seldom survives rounding to float32.)
ScoreMatrix structured_scores(int rows, int columns, std::uint32_t seed);

}  // namespace nmperm
