#include <algorithm>
#include <cmath>

#include "capi/errors.h"
#include "capi/handles.h"

namespace nmperm {
namespace {

/// Reads as many rows at once as share the cache lines that a column's piece is written to.
template <typename Score>
ScoreMatrix copy_scores(const nmperm_matrix& matrix, Score score) {
  ScoreMatrix scores(matrix.rows, matrix.columns);
  for (int begin = 0; begin < matrix.rows; begin += kRowAlignment) {
    const int end = std::min(matrix.rows - begin, kRowAlignment) + begin;
    for (int c = 0; c < matrix.columns; ++c) {
      float* const column = scores.column(c);
      const float* const source = matrix.data + c * matrix.column_stride;
      for (int r = begin; r < end; ++r) column[r] = score(source[r * matrix.row_stride]);
    }
  }
  return scores;
}

ScoreMatrix scores_of(const nmperm_matrix& matrix, int elements) {
  if (elements != NMPERM_SCORES && elements != NMPERM_WEIGHTS) {
    throw InputError("elements", {}, std::to_string(elements), "NMPERM_SCORES or NMPERM_WEIGHTS");
  }
  if (matrix.data == nullptr && matrix.rows > 0 && matrix.columns > 0) {
    throw InputError("matrix", "data", "null pointer", "rows * columns floats");
  }
  if (elements == NMPERM_WEIGHTS) return copy_scores(matrix, [](float weight) { return std::fabs(weight); });
  return copy_scores(matrix, [](float value) { return value; });
}

std::optional<Segments> segments_of(const std::int32_t* lengths, std::size_t count) {
  if (count == 0) return std::nullopt;
  require(lengths, "segment_lengths");
  return Segments(std::vector<int>(lengths, lengths + count));
}

}  // namespace
}  // namespace nmperm

int nmperm_problem_create(const nmperm_matrix* matrix, int elements, int32_t keep, int32_t group,
                          const int32_t* segment_lengths, size_t segment_count, nmperm_problem** problem) {
  return nmperm::guarded([&] {
    nmperm_problem*& out = nmperm::require(problem, "problem");
    const nmperm_matrix& given = nmperm::require(matrix, "matrix");
    const nmperm::Pattern pattern{keep, group};
    pattern.validate();  // before the copy
    auto segments = nmperm::segments_of(segment_lengths, segment_count);
    out =
        new nmperm_problem{nmperm::Problem(nmperm::scores_of(given, elements), pattern, std::move(segments))};
  });
}

void nmperm_problem_free(nmperm_problem* problem) {
  delete problem;
}
