// Several threads at once: each gets its own result and its own errors.
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/capi/handles.h"

namespace nmperm::testing {
namespace {

std::vector<std::int32_t> search(const ProblemHandle& problem, std::uint64_t seed, const char* solver) {
  const OptionsHandle options = make_options(solver);
  (void)nmperm_options_set_iteration_limit(options.get(), 20);
  (void)nmperm_options_set_seed(options.get(), seed);
  (void)nmperm_options_set_threads(options.get(), 2);
  const ResultHandle result = solve(problem, options);
  return result ? permutation_of(result) : std::vector<std::int32_t>{};
}

TEST(CThreads, SearchesAtOnceGiveWhatTheyGiveAlone) {
  const ProblemHandle problem = make_problem(some_scores(48, 64), 48, 64);
  const char* const solvers[] = {"annealing", "auto"};
  for (const char* const solver : solvers) {
    const auto alone_1 = search(problem, 1, solver), alone_2 = search(problem, 2, solver);
    ASSERT_FALSE(alone_1.empty()) << nmperm_last_error();
    std::vector<std::int32_t> together_1, together_2;
    std::thread other([&] { together_2 = search(problem, 2, solver); });
    together_1 = search(problem, 1, solver);
    other.join();
    EXPECT_EQ(together_1, alone_1) << solver;
    EXPECT_EQ(together_2, alone_2) << solver;
  }
}

TEST(CThreads, EachThreadHasItsOwnLastError) {
  EXPECT_EQ(nmperm_options_set_seed(nullptr, 1), NMPERM_ERROR_INPUT);
  const std::string mine = nmperm_last_error();
  std::string before, after;
  std::thread other([&] {
    before = nmperm_last_error();
    (void)nmperm_solve(nullptr, nullptr, nullptr);
    after = nmperm_last_error();
  });
  other.join();
  EXPECT_EQ(before, "");
  EXPECT_NE(after, mine);
  EXPECT_EQ(nmperm_last_error(), mine);
}

TEST(CThreads, AnotherThreadEndsASearch) {
  nmperm_cancellation* handle = nullptr;
  ASSERT_EQ(nmperm_cancellation_create(&handle), NMPERM_OK);
  const CancellationHandle cancellation(handle);
  const ProblemHandle problem = make_problem(some_scores(64, 128), 64, 128);
  const OptionsHandle options = make_options("annealing");
  ASSERT_EQ(nmperm_options_set_time_limit(options.get(), 200), NMPERM_OK);
  ASSERT_EQ(nmperm_options_set_cancellation(options.get(), handle), NMPERM_OK);
  std::thread other([&] { nmperm_cancellation_request(handle); });
  const ResultHandle result = solve(problem, options);
  other.join();
  ASSERT_TRUE(result) << nmperm_last_error();
  EXPECT_EQ(nmperm_result_status(result.get()), NMPERM_STATUS_INTERRUPTED);
}

}  // namespace
}  // namespace nmperm::testing
