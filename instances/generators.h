// Generated instances, equal to what NumPy's legacy generator yields, rounded to float32.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/score_matrix.h"

namespace nmperm {

/// A kind of matrix that a seed makes. `make` takes rows, columns, seed; `summary` is one line.
struct Generator {
  const char* name;
  const char* summary;
  ScoreMatrix (*make)(int rows, int columns, std::uint32_t seed);
};

/// All kinds, in the order in which they are listed to users.
std::span<const Generator> generators();
/// The kind of this name; null where there is none.
const Generator* find_generator(const std::string& name);
/// "random, structured, ... or planted"
std::string generator_names();

/// `numpy.random.seed(seed); numpy.random.rand(rows, columns)`. Memory: the matrix and 16 rows.
ScoreMatrix random_scores(int rows, int columns, std::uint32_t seed);

/// With `r = numpy.random.RandomState(seed)`, in this order of draws: `a = abs(r.randn(rows, columns))`,
/// `c = exp(0.5 * r.randn(columns))`, `w = exp(0.5 * r.randn(rows))`, `a * c[None, :] * w[:, None]`:
/// half-normal scores under log-normal column and row scales, as trained layers have them. The draws of `a`
/// are made twice, so that memory is the matrix and 16 rows. (NumPy's vectorised exp may differ from the C
/// library's in the last bit of a double; that seldom survives rounding to float32.)
ScoreMatrix structured_scores(int rows, int columns, std::uint32_t seed);

// The kinds below are what makes searches and proofs stumble. Each is a few lines of NumPy, with
// `r = numpy.random.RandomState(seed)`; draws in the order in which they stand.

/// `v = r.rand(rows, columns)`, `v * sqrt(2 / ((1 + v) * (1 - v)))`: absolute values of Student's t with two
/// degrees of freedom, of infinite variance: a few scores outweigh all others.
ScoreMatrix heavy_tailed_scores(int rows, int columns, std::uint32_t seed);

/// `u = r.randn(rows, 4); v = r.randn(4, columns); e = r.randn(rows, columns)`,
/// `abs(((u0 v0 + u1 v1) + u2 v2) + u3 v3 + 0.1 * e)`: rank 4 and a little noise.
ScoreMatrix low_rank_scores(int rows, int columns, std::uint32_t seed);

/// `a = abs(r.randn(rows, columns)); source = floor(columns * r.rand(columns))`, `a[:, source]`: about 63 %
/// of the columns are distinct, the others repeat them.
ScoreMatrix duplicated_scores(int rows, int columns, std::uint32_t seed);

/// `rint(8 * abs(r.randn(rows, columns))) / 8`: some thirty distinct values, as low-precision weights have
/// them.
ScoreMatrix tied_scores(int rows, int columns, std::uint32_t seed);

/// `a = float32(abs(r.randn(rows, columns))); order = argsort(r.rand(columns))`; of every four consecutive
/// scores of a row of `a` the two smallest become 0, and so does what is left over at the end of a row; `a[:,
/// order]`. Half of the scores are 0, and there is an order of the columns in which 2:4 loses nothing: the
/// task of turning unstructured sparsity into structured.
ScoreMatrix planted_scores(int rows, int columns, std::uint32_t seed);

}  // namespace nmperm
