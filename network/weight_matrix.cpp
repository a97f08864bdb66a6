#include "network/weight_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "io/tensor.h"

namespace nmperm {
namespace {

/// Element i of float32 ones at any address.
float float_at(std::span<const std::byte> bytes, std::size_t i) {
  float value = 0;
  std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
  return value;
}

template <typename ValueAt>
void check_finite(std::size_t count, const std::string& subject, ValueAt value_at) {
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isfinite(value_at(i))) continue;
    throw InputError(subject, "element " + std::to_string(i), "is not finite in float32", "finite weights");
  }
}

template <typename ValueAt>
ScoreMatrix absolute_values(const WeightLayout& layout, ValueAt value_at) {
  ScoreMatrix scores(layout.rows(), layout.columns());
  std::size_t starts[kRowAlignment];
  for (int r0 = 0; r0 < layout.rows(); r0 += kRowAlignment) {  // whole cache lines of the columns
    const int height = std::min(kRowAlignment, layout.rows() - r0);
    for (int i = 0; i < height; ++i) starts[i] = layout.row_offset(r0 + i);
    for (int c = 0; c < layout.columns(); ++c) {
      float* const column = scores.column(c) + r0;
      const std::size_t shift = static_cast<std::size_t>(c) * layout.column_stride();
      for (int i = 0; i < height; ++i) column[i] = std::fabs(value_at(starts[i] + shift));
    }
  }
  return scores;
}

}  // namespace

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
  check_finite(values.size(), subject, [&](std::size_t i) { return values[i]; });
  return values;
}

void require_finite(ElementType type, std::span<const std::byte> bytes, const std::string& subject) {
  if (type == ElementType::kFloat32) {
    check_finite(bytes.size() / sizeof(float), subject, [&](std::size_t i) { return float_at(bytes, i); });
  } else {
    (void)to_float32(type, bytes, subject);
  }
}

ScoreMatrix weight_scores(const WeightLayout& layout, std::span<const float> values) {
  return absolute_values(layout, [&](std::size_t i) { return values[i]; });
}

ScoreMatrix weight_scores(const WeightLayout& layout, std::span<const std::byte> float32) {
  return absolute_values(layout, [&](std::size_t i) { return float_at(float32, i); });
}

}  // namespace nmperm
