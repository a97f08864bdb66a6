#include "instances/generators.h"

#include <cmath>
#include <vector>

#include "instances/numpy_random.h"
#include "instances/row_blocks.h"

namespace nmperm {
namespace {

std::vector<double> log_normal(NumpyRandom& random, int count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = std::exp(0.5 * random.randn());
  return values;
}

}  // namespace

ScoreMatrix random_scores(int rows, int columns, std::uint32_t seed) {
  ScoreMatrix scores(rows, columns);
  NumpyRandom random(seed);
  fill_rows(scores, [&](int /*row*/, std::span<float> out) {
    for (float& score : out) score = static_cast<float>(random.rand());
  });
  return scores;
}

ScoreMatrix structured_scores(int rows, int columns, std::uint32_t seed) {
  ScoreMatrix scores(rows, columns);
  NumpyRandom random(seed);
  random.skip_randn(static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(columns));
  const std::vector<double> column_scale = log_normal(random, columns);
  const std::vector<double> row_scale = log_normal(random, rows);
  random = NumpyRandom(seed);
  fill_rows(scores, [&](int row, std::span<float> out) {
    for (std::size_t c = 0; c < out.size(); ++c) {
      const double half_normal = std::fabs(random.randn());
      out[c] = static_cast<float>(half_normal * column_scale[c] * row_scale[static_cast<std::size_t>(row)]);
    }
  });
  return scores;
}

}  // namespace nmperm
