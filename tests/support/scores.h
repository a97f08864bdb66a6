// Score matrices for tests: written out, and random of many kinds, the hard ones included.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/rng.h"
#include "core/score_matrix.h"

namespace nmperm::testing {

/// A matrix from its rows.
inline ScoreMatrix scores_of_rows(const std::vector<std::vector<float>>& rows) {
  ScoreMatrix scores(static_cast<int>(rows.size()), static_cast<int>(rows.front().size()));
  for (int r = 0; r < scores.rows(); ++r) {
    for (int c = 0; c < scores.columns(); ++c) {
      scores.at(r, c) = rows[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)];
    }
  }
  return scores;
}

enum class Scores {
  kUniform,
  kIntegers,      ///< 0..399: float32 sums of 40,000 are exact
  kTies,          ///< three distinct values
  kMostlyZero,    ///< one in eight is not zero
  kEqualColumns,  ///< two distinct columns
  kAllEqual,
  kAllZero,
  kDeadColumns,  ///< every third column 0, every fifth 1e-32
  kDominating,   ///< one column a million times as large
  kHeavyTail,    ///< exp(3 normal)
  kHuge,         ///< near 1e38
  kTiny,         ///< near 1e-38
};

inline constexpr std::initializer_list<Scores> kAllScores = {
    Scores::kUniform,      Scores::kIntegers,  Scores::kTies,    Scores::kMostlyZero,
    Scores::kEqualColumns, Scores::kAllEqual,  Scores::kAllZero, Scores::kDeadColumns,
    Scores::kDominating,   Scores::kHeavyTail, Scores::kHuge,    Scores::kTiny};

/// True where every float32 sum of a few thousand scores is exact, so that kernels must equal the oracle.
inline bool sums_are_exact(Scores kind) {
  return kind == Scores::kIntegers || kind == Scores::kTies || kind == Scores::kMostlyZero ||
         kind == Scores::kEqualColumns || kind == Scores::kAllEqual || kind == Scores::kAllZero;
}

inline std::string name_of(Scores kind) {
  static const char* const kNames[] = {"Uniform",      "Integers",  "Ties",    "MostlyZero",
                                       "EqualColumns", "AllEqual",  "AllZero", "DeadColumns",
                                       "Dominating",   "HeavyTail", "Huge",    "Tiny"};
  return kNames[static_cast<int>(kind)];
}

inline float random_score(Scores kind, int column, Rng& rng) {
  const auto uniform = [&] { return static_cast<float>(rng.uniform()); };
  switch (kind) {
    case Scores::kUniform:
      return uniform();
    case Scores::kIntegers:
      return static_cast<float>(rng.below(400));
    case Scores::kTies:
      return static_cast<float>(rng.below(3));
    case Scores::kMostlyZero:
      return rng.below(8) == 0 ? static_cast<float>(rng.below(100)) : 0.0f;
    case Scores::kEqualColumns:
      return 0;  // random_scores() copies two columns
    case Scores::kAllEqual:
      return 0.5f;
    case Scores::kAllZero:
      return 0;
    case Scores::kDeadColumns:
      return column % 3 == 0 ? 0.0f : column % 5 == 0 ? 1e-32f : uniform();
    case Scores::kDominating:
      return column == 1 ? 1e6f * uniform() : uniform();
    case Scores::kHeavyTail: {
      double normal = -6;  // sum of twelve uniforms: near enough
      for (int k = 0; k < 12; ++k) normal += rng.uniform();
      return static_cast<float>(std::exp(3 * normal));
    }
    case Scores::kHuge:
      return 1e38f * (1 + 2 * uniform());
    case Scores::kTiny:
      return 1e-38f * (1 + 2 * uniform());
  }
  return 0;
}

inline ScoreMatrix random_scores(Scores kind, int rows, int columns, std::uint64_t seed) {
  ScoreMatrix scores(rows, columns);
  Rng rng(seed, static_cast<std::uint64_t>(kind));
  for (int c = 0; c < columns; ++c) {
    for (int r = 0; r < rows; ++r) scores.at(r, c) = random_score(kind, c, rng);
  }
  if (kind == Scores::kEqualColumns) {
    const ScoreMatrix two = random_scores(Scores::kIntegers, rows, 2, seed);
    for (int c = 0; c < columns; ++c) {
      const int from = rng.below(2);
      for (int r = 0; r < rows; ++r) scores.at(r, c) = two.at(r, from);
    }
  }
  return scores;
}

}  // namespace nmperm::testing
