// What a search through the C interface gives back: figures, masks, progress, and what it has when it is
// ended.
#include <gtest/gtest.h>

#include "tests/capi/handles.h"

namespace nmperm::testing {
namespace {

TEST(CSearch, AnyStridesMeanTheSameMatrix) {
  constexpr int kRows = 37, kColumns = 12;
  const std::vector<float> scores = some_scores(kRows, kColumns);
  // Column-major with a gap after every column, rows upside down.
  constexpr int kStride = kRows + 3;
  std::vector<float> turned(kColumns * kStride, -1);
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < kColumns; ++c) {
      turned[static_cast<std::size_t>(c * kStride + kRows - 1 - r)] =
          scores[static_cast<std::size_t>(r * kColumns + c)];
    }
  }
  const nmperm_matrix matrix = {turned.data() + kRows - 1, kRows, kColumns, -1, kStride};
  nmperm_problem* problem = nullptr;
  ASSERT_EQ(nmperm_problem_create(&matrix, NMPERM_SCORES, 2, 4, nullptr, 0, &problem), NMPERM_OK);
  const ResultHandle a = solve(ProblemHandle(problem), make_options("exhaustive"));
  const ResultHandle b = solve(make_problem(scores, kRows, kColumns), make_options("exhaustive"));
  ASSERT_TRUE(a && b) << nmperm_last_error();
  EXPECT_EQ(permutation_of(a), permutation_of(b));
  EXPECT_EQ(nmperm_result_figure(a.get(), NMPERM_KEPT), nmperm_result_figure(b.get(), NMPERM_KEPT));
}

TEST(CSearch, WeightsAreScoredByTheirAbsoluteValues) {
  constexpr int kRows = 5, kColumns = 8;
  std::vector<float> scores = some_scores(kRows, kColumns);
  std::vector<float> weights = scores;
  for (std::size_t i = 0; i < weights.size(); i += 3) weights[i] = -weights[i];
  const nmperm_matrix matrix = row_major(weights, kRows, kColumns);
  nmperm_problem* problem = nullptr;
  ASSERT_EQ(nmperm_problem_create(&matrix, NMPERM_WEIGHTS, 2, 4, nullptr, 0, &problem), NMPERM_OK);
  const ResultHandle a = solve(ProblemHandle(problem), make_options("identity"));
  const ResultHandle b = solve(make_problem(scores, kRows, kColumns), make_options("identity"));
  EXPECT_EQ(nmperm_result_figure(a.get(), NMPERM_KEPT), nmperm_result_figure(b.get(), NMPERM_KEPT));
}

TEST(CSearch, ColumnsStayInsideTheirSegments) {
  constexpr int kRows = 16, kColumns = 16;
  const std::vector<float> scores = some_scores(kRows, kColumns);
  const nmperm_matrix matrix = row_major(scores, kRows, kColumns);
  const std::int32_t lengths[] = {4, 12};
  nmperm_problem* problem = nullptr;
  ASSERT_EQ(nmperm_problem_create(&matrix, NMPERM_SCORES, 1, 2, lengths, 2, &problem), NMPERM_OK);
  const OptionsHandle options = make_options("channel-swap");
  const ResultHandle result = solve(ProblemHandle(problem), options);
  ASSERT_TRUE(result) << nmperm_last_error();
  const auto permutation = permutation_of(result);
  for (std::size_t i = 0; i < permutation.size(); ++i) EXPECT_EQ(permutation[i] < 4, i < 4);
}

TEST(CSearch, MasksOfBothOrdersKeepWhatTheFiguresSay) {
  constexpr int kRows = 9, kColumns = 16;
  const std::vector<float> scores = some_scores(kRows, kColumns);
  const ProblemHandle problem = make_problem(scores, kRows, kColumns);
  const ResultHandle result = solve(problem, make_options("stripe-groups"));
  ASSERT_TRUE(result) << nmperm_last_error();
  const auto permutation = permutation_of(result);
  std::vector<std::uint8_t> permuted(scores.size()), original(scores.size());
  const auto fill = [&](int order, std::vector<std::uint8_t>& mask) {
    return nmperm_mask(problem.get(), permutation.data(), kColumns, order, mask.data(), mask.size());
  };
  ASSERT_EQ(fill(NMPERM_PERMUTED_ORDER, permuted), NMPERM_OK);
  ASSERT_EQ(fill(NMPERM_ORIGINAL_ORDER, original), NMPERM_OK);
  double kept = 0;
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      const std::size_t column = static_cast<std::size_t>(permutation[i]);
      EXPECT_EQ(permuted[r * kColumns + i], original[r * kColumns + column]);
      if (original[r * kColumns + column] != 0) kept += static_cast<double>(scores[r * kColumns + column]);
    }
  }
  EXPECT_NEAR(kept, nmperm_result_figure(result.get(), NMPERM_KEPT), 1e-9 * kept);
}

TEST(CSearch, FiguresWithoutABoundAreUnknown) {
  const ResultHandle result = solve(make_problem(some_scores(8, 16), 8, 16), make_options("identity"));
  ASSERT_TRUE(result);
  EXPECT_EQ(nmperm_result_status(result.get()), NMPERM_STATUS_FEASIBLE);
  EXPECT_TRUE(std::isnan(nmperm_result_figure(result.get(), NMPERM_BOUND)));
  EXPECT_TRUE(std::isnan(nmperm_result_figure(result.get(), NMPERM_GAP)));
  EXPECT_EQ(nmperm_result_bound_method(result.get()), nullptr);
}

TEST(CSearch, TheStartIsNeverMadeWorse) {
  const ProblemHandle problem = make_problem(some_scores(32, 32), 32, 32);
  const ResultHandle good = solve(problem, make_options("stripe-groups"));
  ASSERT_TRUE(good);
  const OptionsHandle options = make_options("random");
  const auto start = permutation_of(good);
  ASSERT_EQ(nmperm_options_set_start(options.get(), start.data(), 32), NMPERM_OK);
  ASSERT_EQ(nmperm_options_set_iteration_limit(options.get(), 3), NMPERM_OK);
  const ResultHandle again = solve(problem, options);
  ASSERT_TRUE(again) << nmperm_last_error();
  EXPECT_GE(nmperm_result_figure(again.get(), NMPERM_KEPT), nmperm_result_figure(good.get(), NMPERM_KEPT));
}

/// Ends the search at its n-th report.
struct Impatient {
  int left;
  double kept = 0;
  static int report(const nmperm_progress* progress, void* user) {
    auto& self = *static_cast<Impatient*>(user);
    self.kept = progress->kept;
    return --self.left <= 0 ? 1 : 0;
  }
};

TEST(CSearch, ACallbackEndsTheSearchAndTheIncumbentComesBack) {
  const ProblemHandle problem = make_problem(some_scores(64, 64), 64, 64);
  const OptionsHandle options = make_options("annealing");
  ASSERT_EQ(nmperm_options_set_time_limit(options.get(), 100), NMPERM_OK);
  Impatient impatient{3};
  ASSERT_EQ(nmperm_options_set_progress(options.get(), &Impatient::report, &impatient), NMPERM_OK);
  const ResultHandle result = solve(problem, options);
  ASSERT_TRUE(result) << nmperm_last_error();
  EXPECT_EQ(nmperm_result_status(result.get()), NMPERM_STATUS_INTERRUPTED);
  const double kept = nmperm_result_figure(result.get(), NMPERM_KEPT);
  EXPECT_GT(kept, nmperm_result_figure(result.get(), NMPERM_DEFAULT));
  EXPECT_NEAR(kept, impatient.kept, 1e-5 * kept);
  EXPECT_EQ(nmperm_check(problem.get(), nmperm_result_permutation(result.get()), 64, kept), NMPERM_OK);
}

TEST(CSearch, ACancellationEndsEverySearchThatUsesIt) {
  nmperm_cancellation* handle = nullptr;
  ASSERT_EQ(nmperm_cancellation_create(&handle), NMPERM_OK);
  const CancellationHandle cancellation(handle);
  const OptionsHandle options = make_options("annealing");
  ASSERT_EQ(nmperm_options_set_cancellation(options.get(), handle), NMPERM_OK);
  ASSERT_EQ(nmperm_options_set_time_limit(options.get(), 100), NMPERM_OK);
  nmperm_cancellation_request(handle);
  const ResultHandle result = solve(make_problem(some_scores(64, 64), 64, 64), options);
  ASSERT_TRUE(result) << nmperm_last_error();
  EXPECT_EQ(nmperm_result_status(result.get()), NMPERM_STATUS_INTERRUPTED);
  EXPECT_EQ(nmperm_result_columns(result.get()), 64);
}

}  // namespace
}  // namespace nmperm::testing
