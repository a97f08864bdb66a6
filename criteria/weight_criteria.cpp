#include "criteria/weight_criteria.h"

#include <cmath>

#include "core/error.h"

namespace nmperm {
namespace {

template <typename Score>
ScoreMatrix mapped(ScoreMatrix weights, Score score) {
  for (int c = 0; c < weights.columns(); ++c) {
    float* const column = weights.column(c);
    for (int r = 0; r < weights.rows(); ++r) column[r] = score(r, c, column[r]);
  }
  return weights;
}

}  // namespace

ScoreMatrix magnitude(ScoreMatrix weights) {
  return mapped(std::move(weights), [](int, int, float w) { return std::fabs(w); });
}

ScoreMatrix squared(ScoreMatrix weights) {
  return mapped(std::move(weights), [](int, int, float w) {
    return static_cast<float>(static_cast<double>(w) * static_cast<double>(w));
  });
}

ScoreMatrix snip(ScoreMatrix weights, const LayerStatistics& statistics) {
  const auto& gradient = statistics.gradient;
  if (!gradient || gradient->rows() != weights.rows() || gradient->columns() != weights.columns()) {
    throw InputError(statistics.subject, {}, gradient ? "the gradient has another shape" : "no gradient",
                     std::to_string(weights.rows()) + " rows x " + std::to_string(weights.columns()) +
                         " columns, as the weight");
  }
  return mapped(std::move(weights), [&](int r, int c, float w) {
    const double g = static_cast<double>(gradient->at(r, c));
    if (!std::isfinite(g)) {
      throw InputError(statistics.subject, "row " + std::to_string(r) + ", column " + std::to_string(c),
                       "the gradient is not finite", "finite numbers");
    }
    return static_cast<float>(std::fabs(static_cast<double>(w) * g));
  });
}

}  // namespace nmperm
