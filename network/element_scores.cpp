#include "network/element_scores.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "network/weight_matrix.h"

namespace nmperm {
namespace {

/// The gradient of a weight as the matrix that the weight is.
ScoreMatrix gradient_matrix(StoredTensor tensor, const Shape& dims, const WeightLayout& layout) {
  const std::vector<std::uint64_t> shape(dims.begin(), dims.end());
  if (tensor.info.shape != shape) {
    throw InputError(tensor.data->name(), "shape " + shape_text(tensor.info.shape),
                     "is not that of the weight", shape_text(shape));
  }
  std::vector<float> values(static_cast<std::size_t>(layout.rows()) *
                            static_cast<std::size_t>(layout.columns()));
  Float32Reader(tensor).read(values);
  return weight_scores(layout, values);
}

std::vector<float> stored_order(const ScoreMatrix& scores, const WeightLayout& layout) {
  std::vector<float> values(static_cast<std::size_t>(scores.rows()) *
                            static_cast<std::size_t>(scores.columns()));
  for (int c = 0; c < scores.columns(); ++c) {
    for (int r = 0; r < scores.rows(); ++r) values[layout.offset(r, c)] = scores.at(r, c);
  }
  return values;
}

std::vector<float> original_scores(const StoredConstant& constant, std::span<const std::byte> bytes, int axis,
                                   const Scoring& scoring, const std::string& subject) {
  const WeightLayout layout(constant.dims, axis);
  ScoreMatrix weights = weight_scores(layout, to_float32(constant.type, bytes, subject));
  const auto to_matrix = [&](StoredTensor tensor) {
    return gradient_matrix(std::move(tensor), constant.dims, layout);
  };
  return stored_order(scoring.score(std::move(weights), constant.name, to_matrix), layout);
}

std::vector<float> permuted(const StoredConstant& constant, const std::vector<float>& scores,
                            const PermutationRecord& record) {
  StoredConstant as_scores = constant;
  as_scores.type = ElementType::kFloat32;
  const auto bytes = std::as_bytes(std::span(scores));
  const auto moved = permuted_bytes(as_scores, bytes, record);
  std::vector<float> result(scores.size());
  std::memcpy(result.data(), moved.data(), moved.size());
  return result;
}

}  // namespace

std::vector<float> element_scores(const StoredConstant& constant, std::span<const std::byte> bytes, int axis,
                                  const PermutationRecord& record, const Scoring& scoring,
                                  const std::string& subject) {
  if (scoring.criterion().is_magnitude()) {  // no matter in which order
    std::vector<float> scores = to_float32(constant.type, bytes, subject);
    for (float& score : scores) score = std::fabs(score);
    return scores;
  }
  const auto original = permuted_bytes(constant, bytes, inverse(record));
  return permuted(constant, original_scores(constant, original, axis, scoring, subject), record);
}

ScoreMatrix score_matrix(const StoredConstant& constant, std::span<const std::byte> bytes, int axis,
                         const PermutationRecord& record, const Scoring& scoring,
                         const std::string& subject) {
  const WeightLayout layout(constant.dims, axis);
  if (scoring.criterion().is_magnitude() && constant.type == ElementType::kFloat32) {
    require_finite(constant.type, bytes, subject);
    return weight_scores(layout, bytes);
  }
  return weight_scores(layout, element_scores(constant, bytes, axis, record, scoring, subject));
}

}  // namespace nmperm
