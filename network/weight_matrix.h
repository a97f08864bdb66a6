// The matrices that N:M prunes, from the elements of a stored constant and back.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/score_matrix.h"
#include "network/coupling.h"
#include "network/layer_graph.h"

namespace nmperm {

/// Where the elements of a weight stand in its matrix: columns are input channels (per group), rows all else,
/// in the order in which the file stores it.
class WeightLayout {
 public:
  /// `input_axis` is the axis of the input channels.
  WeightLayout(const Shape& dims, int input_axis);

  int rows() const { return static_cast<int>(outer_ * inner_); }
  int columns() const { return static_cast<int>(columns_); }
  /// Offset in the tensor of a row's first element, and from one column to the next.
  std::size_t row_offset(int row) const {
    const auto r = static_cast<std::size_t>(row);
    return r / inner_ * columns_ * inner_ + r % inner_;
  }
  std::size_t column_stride() const { return inner_; }
  /// Offset of an element in the tensor.
  std::size_t offset(int row, int column) const {
    return row_offset(row) + static_cast<std::size_t>(column) * inner_;
  }

 private:
  std::size_t outer_ = 1, columns_ = 1, inner_ = 1;
};

/// Axis of a weight's input channels: that of its place, else (one channel) the axis that is 1.
int input_axis(const Coupling& coupling, const PrunableWeight& weight, const Shape& dims);

/// Elements as float32. Throws InputError, naming `subject`, where one is NaN, infinite or too large.
std::vector<float> to_float32(ElementType type, std::span<const std::byte> bytes, const std::string& subject);

/// Throws as to_float32() would. Without a copy for float32.
void require_finite(ElementType type, std::span<const std::byte> bytes, const std::string& subject);

/// Absolute values as scores.
ScoreMatrix weight_scores(const WeightLayout& layout, std::span<const float> values);
/// The same of float32 elements as the file stores them, at any address.
ScoreMatrix weight_scores(const WeightLayout& layout, std::span<const std::byte> float32);

}  // namespace nmperm
