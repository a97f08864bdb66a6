#include "sparse/compressed_matrix.h"

#include <cmath>
#include <string>

#include "core/error.h"
#include "core/segments.h"
#include "sparse/mask.h"

namespace nmperm {
namespace {

std::string place_text(int r, std::size_t group) {
  return "row " + std::to_string(r) + ", group " + std::to_string(group);
}

void require_group(const CompressedMatrix& matrix, int r, std::size_t group, std::size_t at,
                   const std::string& subject) {
  for (std::size_t n = 0; n < static_cast<std::size_t>(matrix.pattern.keep); ++n) {
    const int place = matrix.places[at + n];
    if (place >= matrix.pattern.group || (n > 0 && place <= matrix.places[at + n - 1])) {
      throw InputError(subject, place_text(r, group),
                       "index " + std::to_string(place) + " at position " + std::to_string(n),
                       "indices below " + std::to_string(matrix.pattern.group) + " in ascending order");
    }
    if (!std::isfinite(matrix.values[at + n])) {
      throw InputError(subject, place_text(r, group), "value " + std::to_string(matrix.values[at + n]),
                       "a finite number");
    }
  }
}

}  // namespace

void CompressedMatrix::validate(const std::string& subject) const {
  pattern.validate();
  if (rows < 1 || columns < 1 || columns % pattern.group != 0) {
    throw InputError(subject, "shape", std::to_string(rows) + " x " + std::to_string(columns),
                     "rows, and a multiple of " + std::to_string(pattern.group) + " columns");
  }
  const std::size_t size = static_cast<std::size_t>(rows) * row_size();
  if (values.size() != size || places.size() != size) {
    throw InputError(
        subject, "shape",
        std::to_string(values.size()) + " values and " + std::to_string(places.size()) + " indices",
        std::to_string(size) + " of each");
  }
  std::size_t at = 0;
  for (int r = 0; r < rows; ++r) {
    for (std::size_t group = 0; group < static_cast<std::size_t>(columns / pattern.group); ++group) {
      require_group(*this, r, group, at, subject);
      at += static_cast<std::size_t>(pattern.keep);
    }
  }
}

CompressedMatrix compress(const WeightView& weight, const Pattern& pattern, const Permutation& permutation,
                          std::span<const std::uint8_t> mask) {
  weight.validate();
  validate_permutation(permutation, Segments(weight.columns), "compression");
  if (mask.size() != weight.values.size()) {
    throw InputError("mask", "shape", std::to_string(mask.size()) + " flags",
                     std::to_string(weight.values.size()) + ", one for each element");
  }
  CompressedMatrix matrix{weight.rows, weight.columns, pattern, {}, {}};
  const auto group = static_cast<std::size_t>(pattern.group);
  std::size_t at = 0;
  for (int r = 0; r < weight.rows; ++r) {
    for (std::size_t i = 0; i < permutation.size(); ++i, ++at) {
      if (mask[at] == 0) continue;
      matrix.values.push_back(weight.at(r, permutation[i]));
      matrix.places.push_back(static_cast<std::uint8_t>(i % group));
    }
  }
  matrix.validate();
  return matrix;
}

CompressedMatrix prune_and_compress(const WeightView& weight, const Pattern& pattern,
                                    const Permutation& permutation) {
  return compress(weight, pattern, permutation, magnitude_mask(weight, pattern, permutation));
}

CompressedMatrix compress_pruned(const WeightView& weight, const Pattern& pattern) {
  require_pattern(weight, pattern);
  return prune_and_compress(weight, pattern, identity_permutation(weight.columns));
}

std::vector<float> decompress(const CompressedMatrix& matrix) {
  matrix.validate();
  std::vector<float> dense(static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(matrix.columns));
  std::size_t at = 0;
  for (int r = 0; r < matrix.rows; ++r) {
    float* const row = dense.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(matrix.columns);
    for (std::size_t k = 0; k < matrix.row_size(); ++k) row[matrix.column(r, k)] = matrix.values[at++];
  }
  return dense;
}

}  // namespace nmperm
