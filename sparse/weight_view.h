// A dense weight as this room takes it.
#pragma once

#include <cstddef>
#include <span>

namespace nmperm {

/// R x C float32 of any sign, row-major without gaps: values.size() = R * C. The caller keeps the values
/// alive. (Scores, in contrast, are nonnegative and column-major: core/score_matrix.h.)
struct WeightView {
  std::span<const float> values;
  int rows = 0;
  int columns = 0;

  const float* row(int r) const {
    return values.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(columns);
  }
  float at(int r, int c) const { return row(r)[c]; }

  /// Throws InputError unless both sizes are positive and the number of values is their product.
  void validate() const;
};

}  // namespace nmperm
