#include "instances/generators.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
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

std::vector<double> uniform(NumpyRandom& random, int count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = random.rand();
  return values;
}

std::vector<double> normal(NumpyRandom& random, std::size_t count) {
  std::vector<double> values(count);
  for (double& value : values) value = random.randn();
  return values;
}

std::uint64_t elements(int rows, int columns) {
  return static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(columns);
}

/// The two smallest of every four consecutive scores, and what is left over at the end, become 0.
void prune_row(std::vector<float>& row) {
  constexpr std::size_t kGroup = 4, kZeros = 2;
  std::array<std::size_t, kGroup> order{};
  std::size_t first = 0;
  for (; first + kGroup <= row.size(); first += kGroup) {
    std::iota(order.begin(), order.end(), first);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return row[a] < row[b]; });
    for (std::size_t k = 0; k < kZeros; ++k) row[order[k]] = 0;
  }
  std::fill(row.begin() + static_cast<std::ptrdiff_t>(first), row.end(), 0.0f);
}

constexpr std::array<Generator, 7> kGenerators = {{
    {"random", "uniform in [0, 1): numpy.random.seed(SEED); numpy.random.rand(ROWS, COLUMNS)", random_scores},
    {"structured", "half-normal under log-normal scales of rows and columns, as trained layers have them",
     structured_scores},
    {"heavy-tailed", "Student's t with two degrees of freedom: a few scores outweigh all others",
     heavy_tailed_scores},
    {"low-rank", "a matrix of rank 4 and a little noise", low_rank_scores},
    {"duplicated", "half-normal; a third of the columns repeat others", duplicated_scores},
    {"ties", "half-normal, rounded to multiples of 1/8", tied_scores},
    {"planted", "half of the scores are 0, such that some order of columns is 2:4 without loss",
     planted_scores},
}};

}  // namespace

std::span<const Generator> generators() {
  return kGenerators;
}

const Generator* find_generator(const std::string& name) {
  const auto found = std::find_if(kGenerators.begin(), kGenerators.end(),
                                  [&](const Generator& g) { return name == g.name; });
  return found == kGenerators.end() ? nullptr : &*found;
}

std::string generator_names() {
  std::string text = kGenerators.front().name;
  for (std::size_t i = 1; i < kGenerators.size(); ++i) {
    text += i + 1 == kGenerators.size() ? " or " : ", ";
    text += kGenerators[i].name;
  }
  return text;
}

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
  random.skip_randn(elements(rows, columns));
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

ScoreMatrix heavy_tailed_scores(int rows, int columns, std::uint32_t seed) {
  ScoreMatrix scores(rows, columns);
  NumpyRandom random(seed);
  fill_rows(scores, [&](int /*row*/, std::span<float> out) {
    for (float& score : out) {
      const double v = random.rand();
      score = static_cast<float>(v * std::sqrt(2 / ((1 + v) * (1 - v))));
    }
  });
  return scores;
}

ScoreMatrix low_rank_scores(int rows, int columns, std::uint32_t seed) {
  constexpr std::size_t kRank = 4;
  constexpr double kNoise = 0.1;
  ScoreMatrix scores(rows, columns);
  NumpyRandom random(seed);
  const auto width = static_cast<std::size_t>(columns);
  const std::vector<double> left = normal(random, static_cast<std::size_t>(rows) * kRank);
  const std::vector<double> right = normal(random, kRank * width);
  fill_rows(scores, [&](int row, std::span<float> out) {
    const double* const u = left.data() + static_cast<std::size_t>(row) * kRank;
    for (std::size_t c = 0; c < out.size(); ++c) {
      double sum = u[0] * right[c];
      for (std::size_t k = 1; k < kRank; ++k) sum += u[k] * right[k * width + c];
      out[c] = static_cast<float>(std::fabs(sum + kNoise * random.randn()));
    }
  });
  return scores;
}

ScoreMatrix duplicated_scores(int rows, int columns, std::uint32_t seed) {
  ScoreMatrix scores(rows, columns);
  NumpyRandom random(seed);
  random.skip_randn(elements(rows, columns));
  const std::vector<double> draws = uniform(random, columns);
  random = NumpyRandom(seed);
  std::vector<float> row_of_all(draws.size());
  fill_rows(scores, [&](int /*row*/, std::span<float> out) {
    for (float& score : row_of_all) score = static_cast<float>(std::fabs(random.randn()));
    for (std::size_t c = 0; c < out.size(); ++c) {
      out[c] = row_of_all[static_cast<std::size_t>(std::floor(columns * draws[c]))];
    }
  });
  return scores;
}

ScoreMatrix tied_scores(int rows, int columns, std::uint32_t seed) {
  constexpr double kSteps = 8;  // in a unit
  ScoreMatrix scores(rows, columns);
  NumpyRandom random(seed);
  fill_rows(scores, [&](int /*row*/, std::span<float> out) {
    for (float& score : out) {
      score = static_cast<float>(std::nearbyint(kSteps * std::fabs(random.randn())) / kSteps);
    }
  });
  return scores;
}

ScoreMatrix planted_scores(int rows, int columns, std::uint32_t seed) {
  ScoreMatrix scores(rows, columns);
  NumpyRandom random(seed);
  random.skip_randn(elements(rows, columns));
  const std::vector<double> draws = uniform(random, columns);
  std::vector<std::size_t> order(draws.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return draws[a] < draws[b]; });
  random = NumpyRandom(seed);
  std::vector<float> row_of_all(draws.size());
  fill_rows(scores, [&](int /*row*/, std::span<float> out) {
    for (float& score : row_of_all) score = static_cast<float>(std::fabs(random.randn()));
    prune_row(row_of_all);
    for (std::size_t c = 0; c < out.size(); ++c) out[c] = row_of_all[order[c]];
  });
  return scores;
}

}  // namespace nmperm
