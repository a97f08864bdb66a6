// Wrong arguments: a code, one line that names them, and nothing changed.
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capi/handles.h"

namespace nmperm::testing {
namespace {

using ::testing::HasSubstr;

class CFaults : public ::testing::Test {
 protected:
  static constexpr int kRows = 6, kColumns = 8;

  int create(const nmperm_matrix& matrix, int elements = NMPERM_SCORES, int keep = 2, int group = 4,
             const std::vector<std::int32_t>& segments = {}) {
    nmperm_problem* problem = nullptr;
    const int code =
        nmperm_problem_create(&matrix, elements, keep, group, segments.data(), segments.size(), &problem);
    EXPECT_EQ(problem == nullptr, code != NMPERM_OK);
    nmperm_problem_free(problem);
    return code;
  }
  int solve_with(const OptionsHandle& options) {
    nmperm_result* result = nullptr;
    const int code = nmperm_solve(problem_.get(), options.get(), &result);
    EXPECT_EQ(result, nullptr);
    nmperm_result_free(result);
    return code;
  }

  std::vector<float> scores_ = some_scores(kRows, kColumns);
  nmperm_matrix matrix_ = row_major(scores_, kRows, kColumns);
  ProblemHandle problem_ = make_problem(scores_, kRows, kColumns);
  std::vector<std::int32_t> identity_ = {0, 1, 2, 3, 4, 5, 6, 7};
};

/// The call is refused as a wrong input, and the message holds the text.
#define EXPECT_REFUSED(call, text)                     \
  do {                                                 \
    EXPECT_EQ(call, NMPERM_ERROR_INPUT);               \
    EXPECT_THAT(nmperm_last_error(), HasSubstr(text)); \
  } while (false)

TEST_F(CFaults, NullPointersAreNamed) {
  nmperm_problem* problem = nullptr;
  EXPECT_REFUSED(nmperm_problem_create(nullptr, NMPERM_SCORES, 2, 4, nullptr, 0, &problem), "matrix");
  EXPECT_REFUSED(nmperm_problem_create(&matrix_, NMPERM_SCORES, 2, 4, nullptr, 0, nullptr), "problem");
  EXPECT_REFUSED(nmperm_problem_create(&matrix_, NMPERM_SCORES, 2, 4, nullptr, 2, &problem),
                 "segment_lengths");
  matrix_.data = nullptr;
  EXPECT_REFUSED(create(matrix_), "matrix: data");
  nmperm_result* result = nullptr;
  EXPECT_REFUSED(nmperm_solve(nullptr, nullptr, &result), "problem");
  EXPECT_REFUSED(nmperm_solve(problem_.get(), nullptr, nullptr), "result");
  EXPECT_REFUSED(nmperm_options_create(nullptr), "options");
  EXPECT_REFUSED(nmperm_options_set_seed(nullptr, 1), "options");
  const OptionsHandle options = make_options("auto");
  EXPECT_REFUSED(nmperm_options_set_solver(options.get(), nullptr), "name");
  EXPECT_REFUSED(nmperm_options_set(options.get(), nullptr, "1"), "key");
  EXPECT_REFUSED(nmperm_cancellation_create(nullptr), "cancellation");
  double kept = 0;
  EXPECT_REFUSED(nmperm_kept(problem_.get(), nullptr, kColumns, &kept), "permutation");
  EXPECT_REFUSED(nmperm_kept(problem_.get(), identity_.data(), kColumns, nullptr), "kept");
  EXPECT_REFUSED(nmperm_mask(problem_.get(), identity_.data(), kColumns, NMPERM_PERMUTED_ORDER, nullptr, 48),
                 "mask");
}

TEST_F(CFaults, GettersAndFreeTakeNull) {
  nmperm_problem_free(nullptr);
  nmperm_options_free(nullptr);
  nmperm_result_free(nullptr);
  nmperm_cancellation_free(nullptr);
  nmperm_cancellation_request(nullptr);
  EXPECT_EQ(nmperm_result_permutation(nullptr), nullptr);
  EXPECT_EQ(nmperm_result_columns(nullptr), 0);
  EXPECT_TRUE(std::isnan(nmperm_result_figure(nullptr, NMPERM_KEPT)));
  EXPECT_EQ(nmperm_result_solver(nullptr), nullptr);
  EXPECT_EQ(nmperm_result_bound_method(nullptr), nullptr);
}

TEST_F(CFaults, WrongSizesAndPatternsAreRefused) {
  nmperm_matrix empty = matrix_;
  empty.rows = 0;
  EXPECT_REFUSED(create(empty), "0 x 8");
  nmperm_matrix negative = matrix_;
  negative.columns = -8;
  EXPECT_REFUSED(create(negative), "6 x -8");
  nmperm_matrix odd = matrix_;
  odd.columns = 7;
  EXPECT_REFUSED(create(odd), "7");
  EXPECT_REFUSED(create(matrix_, NMPERM_SCORES, 4, 4), "4:4");
  EXPECT_REFUSED(create(matrix_, NMPERM_SCORES, 0, 4), "0:4");
  EXPECT_REFUSED(create(matrix_, 17), "elements");
  EXPECT_REFUSED(create(matrix_, NMPERM_SCORES, 2, 4, {4, 8}), "12");
  EXPECT_REFUSED(create(matrix_, NMPERM_SCORES, 2, 4, {2, 6}), "2");
}

TEST_F(CFaults, ScoresMustBeFiniteAndNotNegative) {
  for (const float wrong : {-1.0F, std::nanf(""), std::numeric_limits<float>::infinity()}) {
    auto scores = scores_;
    scores[3 * kColumns + 5] = wrong;
    EXPECT_REFUSED(create(row_major(scores, kRows, kColumns)), "row 3, column 5");
  }
  auto weights = scores_;
  weights[3 * kColumns + 5] = -1;
  EXPECT_EQ(create(row_major(weights, kRows, kColumns), NMPERM_WEIGHTS), NMPERM_OK);
  weights[3 * kColumns + 5] = std::nanf("");
  EXPECT_REFUSED(create(row_major(weights, kRows, kColumns), NMPERM_WEIGHTS), "row 3, column 5");
}

TEST_F(CFaults, UnknownSolversAndOptionsAreNamedWithASuggestion) {
  EXPECT_REFUSED(solve_with(make_options("stripe-group")), "stripe-groups");
  const OptionsHandle options = make_options("stripe-groups");
  ASSERT_EQ(nmperm_options_set(options.get(), "stripe-group-sise", "8"), NMPERM_OK);
  EXPECT_REFUSED(solve_with(options), "stripe-group-size");
  ASSERT_EQ(nmperm_options_set(options.get(), "stripe-group-sise", nullptr), NMPERM_OK);
  ASSERT_EQ(nmperm_options_set(options.get(), "stripe-group-size", "eight"), NMPERM_OK);
  EXPECT_REFUSED(solve_with(options), "'eight'");
}

TEST_F(CFaults, ASolverThatRefusesTheProblemSaysWhy) {
  EXPECT_REFUSED(solve_with(make_options("matching")), "solver matching");
}

TEST_F(CFaults, LimitsOutOfRangeAreRefusedAtOnce) {
  const OptionsHandle options = make_options("auto");
  EXPECT_REFUSED(nmperm_options_set_time_limit(options.get(), -1), "seconds");
  EXPECT_REFUSED(nmperm_options_set_time_limit(options.get(), std::nan("")), "seconds");
  EXPECT_REFUSED(nmperm_options_set_iteration_limit(options.get(), -1), "iterations");
  EXPECT_REFUSED(nmperm_options_set_gap_limit(options.get(), -0.1), "gap");
  EXPECT_REFUSED(nmperm_options_set_threads(options.get(), -2), "threads");
}

TEST_F(CFaults, PermutationsAreChecked) {
  const OptionsHandle options = make_options("identity");
  identity_[3] = 4;  // 4 twice
  ASSERT_EQ(nmperm_options_set_start(options.get(), identity_.data(), kColumns), NMPERM_OK);
  EXPECT_REFUSED(solve_with(options), "start");
  double kept = -1;
  EXPECT_REFUSED(nmperm_kept(problem_.get(), identity_.data(), kColumns, &kept), "permutation");
  EXPECT_REFUSED(nmperm_check(problem_.get(), identity_.data(), kColumns - 1, 1), "permutation");
  EXPECT_EQ(kept, -1);
}

TEST_F(CFaults, MasksNeedTheirSizeAndOrder) {
  std::vector<std::uint8_t> mask(kRows * kColumns, 9);
  const auto call = [&](int order, std::size_t size) {
    return nmperm_mask(problem_.get(), identity_.data(), kColumns, order, mask.data(), size);
  };
  EXPECT_REFUSED(call(NMPERM_PERMUTED_ORDER, mask.size() - 1), "48");
  EXPECT_REFUSED(call(5, mask.size()), "order");
  EXPECT_EQ(mask.front(), 9);
}

TEST_F(CFaults, MessagesAreOneLine) {
  EXPECT_REFUSED(solve_with(make_options("no\nsuch\nsolver")), "unknown solver");
  EXPECT_EQ(std::string(nmperm_last_error()).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace nmperm::testing
