#include "network/weight_matrix.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "io/tensor.h"

namespace nmperm {

WeightLayout::WeightLayout(const Shape& dims, int input_axis) {
  for (int axis = 0; axis < static_cast<int>(dims.size()); ++axis) {
    const auto dim = static_cast<std::size_t>(dims[static_cast<std::size_t>(axis)]);
    (axis < input_axis ? outer_ : axis == input_axis ? columns_ : inner_) *= dim;
  }
}

int input_axis(const Coupling& coupling, const PrunableWeight& weight, const Shape& dims) {
  if (weight.input_place >= 0) return coupling.places[static_cast<std::size_t>(weight.input_place)].axis;
  for (int axis = 0; axis < 2; ++axis) {
    if (dims[static_cast<std::size_t>(axis)] == 1) return axis;
  }
  throw InternalError("a weight without input channels");
}

std::vector<float> to_float32(ElementType type, std::span<const std::byte> bytes,
                              const std::string& subject) {
  TensorInfo info;
  info.dtype = type == ElementType::kFloat16    ? DType::kF16
               : type == ElementType::kBFloat16 ? DType::kBF16
               : type == ElementType::kFloat32  ? DType::kF32
                                                : DType::kF64;
  std::vector<float> values(bytes.size() / size_of(type));
  convert_to_float32(info, bytes, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw InputError(subject, "element " + std::to_string(i), "is not finite in float32", "finite weights");
  }
  return values;
}

ScoreMatrix weight_scores(const WeightLayout& layout, std::span<const float> values) {
  ScoreMatrix scores(layout.rows(), layout.columns());
  std::size_t starts[kRowAlignment];
  for (int r0 = 0; r0 < layout.rows(); r0 += kRowAlignment) {  // whole cache lines of the columns
    const int height = std::min(kRowAlignment, layout.rows() - r0);
    for (int i = 0; i < height; ++i) starts[i] = layout.row_offset(r0 + i);
    for (int c = 0; c < layout.columns(); ++c) {
      float* const column = scores.column(c) + r0;
      const std::size_t shift = static_cast<std::size_t>(c) * layout.column_stride();
      for (int i = 0; i < height; ++i) column[i] = std::fabs(values[starts[i] + shift]);
    }
  }
  return scores;
}

}  // namespace nmperm
