// Handles that free themselves, for the tests of the C interface.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capi/nmperm.h"

namespace nmperm::testing {

struct Free {
  void operator()(nmperm_problem* handle) const { nmperm_problem_free(handle); }
  void operator()(nmperm_options* handle) const { nmperm_options_free(handle); }
  void operator()(nmperm_result* handle) const { nmperm_result_free(handle); }
  void operator()(nmperm_cancellation* handle) const { nmperm_cancellation_free(handle); }
};
using ProblemHandle = std::unique_ptr<nmperm_problem, Free>;
using OptionsHandle = std::unique_ptr<nmperm_options, Free>;
using ResultHandle = std::unique_ptr<nmperm_result, Free>;
using CancellationHandle = std::unique_ptr<nmperm_cancellation, Free>;

/// Scores without much structure, in [0, 1].
inline std::vector<float> some_scores(int rows, int columns) {
  std::vector<float> scores;
  for (int i = 0; i < rows * columns; ++i) {
    scores.push_back(static_cast<float>(std::fabs(std::sin(12.9898 * i * (i % 97)))));
  }
  return scores;
}

inline nmperm_matrix row_major(const std::vector<float>& elements, int rows, int columns) {
  return {elements.data(), rows, columns, columns, 1};
}

/// A 2:4 problem of these row-major scores; null where it is refused.
inline ProblemHandle make_problem(const std::vector<float>& scores, int rows, int columns) {
  const nmperm_matrix matrix = row_major(scores, rows, columns);
  nmperm_problem* problem = nullptr;
  (void)nmperm_problem_create(&matrix, NMPERM_SCORES, 2, 4, nullptr, 0, &problem);
  return ProblemHandle(problem);
}

inline OptionsHandle make_options(const char* solver) {
  nmperm_options* options = nullptr;
  (void)nmperm_options_create(&options);
  (void)nmperm_options_set_solver(options, solver);
  return OptionsHandle(options);
}

/// Null where the search failed: see nmperm_last_error().
inline ResultHandle solve(const ProblemHandle& problem, const OptionsHandle& options) {
  nmperm_result* result = nullptr;
  (void)nmperm_solve(problem.get(), options.get(), &result);
  return ResultHandle(result);
}

inline std::vector<std::int32_t> permutation_of(const ResultHandle& result) {
  const std::int32_t* const first = nmperm_result_permutation(result.get());
  return {first, first + nmperm_result_columns(result.get())};
}

}  // namespace nmperm::testing
