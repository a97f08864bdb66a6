// What every backend must do with small programs whose answers are known.
#include "tests/solvers/backends.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <stdexcept>

#include <gtest/gtest.h>

#include "core/error.h"
#include "solvers/backend_loader.h"
#include "solvers/solve_mip.h"

namespace nmperm {
namespace {

using Sense = MixedIntegerProgram::Sense;
using Backends = testing::WithEachBackend;

INSTANTIATE_TEST_SUITE_P(Built, Backends, ::testing::ValuesIn(testing::built_backends()),
                         testing::backend_label);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Backends);

// max 10 + 5 x0 + 4 x1 + 3 x2, 2 x0 + 3 x1 + x2 <= 5, 4 x0 + x1 + 2 x2 <= 11, 3 x0 + 4 x1 + 2 x2 <= 8,
// 0 <= x <= 10 and integer. The relaxation's optimum is (2, 0, 1).
MixedIntegerProgram three_products(bool integer = true) {
  MixedIntegerProgram program(Sense::kMaximize);
  for (const double limit : {5.0, 11.0, 8.0}) program.add_row(-kInfinity, limit);
  const std::vector<int> rows = {0, 1, 2};
  program.add_column(5, 0, 10, integer, rows, std::vector<double>{2, 4, 3});
  program.add_column(4, 0, 10, integer, rows, std::vector<double>{3, 1, 4});
  program.add_column(3, 0, 10, integer, rows, std::vector<double>{1, 2, 2});
  program.set_objective_constant(10);
  return program;
}

// A knapsack: max sum v x, sum w x <= 50, x binary. best_knapsack() knows the optimum.
const std::vector<double> kValues = {24, 13, 23, 15, 16, 11, 28, 20, 9, 17};
const std::vector<double> kWeights = {12, 7, 11, 8, 9, 6, 14, 11, 5, 9.5};

MixedIntegerProgram knapsack(Sense sense) {
  MixedIntegerProgram program(sense);
  program.add_row(-kInfinity, 50);
  const double sign = sense == Sense::kMaximize ? 1 : -1;
  for (std::size_t j = 0; j < kValues.size(); ++j) {
    program.add_column(sign * kValues[j], 0, 1, true, std::vector<int>{0}, std::vector<double>{kWeights[j]});
  }
  return program;
}

double best_knapsack() {
  double best = 0;
  for (unsigned subset = 0; subset < 1u << kValues.size(); ++subset) {
    double value = 0, weight = 0;
    for (std::size_t j = 0; j < kValues.size(); ++j) {
      if ((subset >> j & 1) != 0) value += kValues[j], weight += kWeights[j];
    }
    if (weight <= 50) best = std::max(best, value);
  }
  return best;
}

TEST_P(Backends, SolveALinearProgram) {
  const auto outcome = solve_mip(*load_backend(GetParam()), three_products(false), {});
  ASSERT_EQ(outcome.status, MipStatus::kOptimal);
  EXPECT_NEAR(outcome.objective, 23, 1e-9);
  EXPECT_NEAR(outcome.values[0], 2, 1e-9);
}

TEST_P(Backends, RelaxGivesDualsThatProveTheBound) {
  const MixedIntegerProgram program = three_products();
  MipRequest request;
  request.objective_scale = 64;
  const LpOutcome outcome = load_backend(GetParam())->relax(program, request);
  ASSERT_EQ(outcome.status, MipStatus::kOptimal);
  EXPECT_NEAR(program.dual_bound(outcome.row_duals).bound, 23, 1e-9);
  const MixedIntegerProgram minimised = knapsack(Sense::kMinimize);
  const LpOutcome of_minimised = load_backend(GetParam())->relax(minimised, request);
  // Greedy by value per weight fills the knapsack to 50 with a share of one item.
  EXPECT_LE(minimised.dual_bound(of_minimised.row_duals).bound, -best_knapsack());
  EXPECT_GE(minimised.dual_bound(of_minimised.row_duals).bound, -best_knapsack() - 3);
}

TEST_P(Backends, SolveAKnapsackInBothSenses) {
  for (const Sense sense : {Sense::kMaximize, Sense::kMinimize}) {
    const MixedIntegerProgram program = knapsack(sense);
    const double sign = sense == Sense::kMaximize ? 1 : -1;
    double last_bound = sign * kInfinity, last_objective = -sign * kInfinity;
    MipRequest request;
    request.on_bound = [&](double bound) {
      EXPECT_LT(sign * bound, sign * last_bound);
      last_bound = bound;
    };
    request.on_incumbent = [&](double objective, const std::vector<double>& values) {
      EXPECT_GT(sign * objective, sign * last_objective);
      EXPECT_EQ(program.violation(values), 0);
      last_objective = objective;
    };
    const auto outcome = solve_mip(*load_backend(GetParam()), program, request);
    ASSERT_EQ(outcome.status, MipStatus::kOptimal);
    EXPECT_EQ(sign * outcome.objective, best_knapsack());
    EXPECT_EQ(last_objective, outcome.objective);
    EXPECT_EQ(last_bound, *outcome.bound);
    EXPECT_GT(sign * *outcome.bound, sign * outcome.objective) << "a margin";
    EXPECT_NEAR(*outcome.bound, outcome.objective, 1e-4);
  }
}

TEST_P(Backends, UseAStart) {
  const MixedIntegerProgram program = knapsack(Sense::kMaximize);
  MipRequest request;
  request.start = std::vector<double>(kValues.size(), 0.0);
  (*request.start)[6] = 1;
  const auto outcome = solve_mip(*load_backend(GetParam()), program, request);
  EXPECT_EQ(outcome.status, MipStatus::kOptimal);
  EXPECT_EQ(outcome.objective, best_knapsack());
  request.start = outcome.values;
  const auto again = solve_mip(*load_backend(GetParam()), program, request);
  EXPECT_EQ(again.status, MipStatus::kOptimal);
  EXPECT_EQ(again.objective, best_knapsack());
  request.start = std::vector<double>(kValues.size(), 1.0);
  EXPECT_THROW(solve_mip(*load_backend(GetParam()), program, request), InternalError) << "infeasible";
}

TEST_P(Backends, SayThatThereIsNoSolution) {
  MixedIntegerProgram program(Sense::kMinimize);
  program.add_row(1, 1);
  program.add_column(1, 0, 1, true, std::vector<int>{0}, std::vector<double>{2});
  EXPECT_EQ(solve_mip(*load_backend(GetParam()), program, {}).status, MipStatus::kInfeasible);
  program.add_row(5, kInfinity);
  EXPECT_EQ(solve_mip(*load_backend(GetParam()), program, {}).status, MipStatus::kInfeasible);
}

TEST_P(Backends, SayThatThereIsNoLimit) {
  MixedIntegerProgram program(Sense::kMaximize);
  program.add_row(0, kInfinity);
  program.add_column(1, 0, kInfinity, false, std::vector<int>{0}, std::vector<double>{1});
  EXPECT_EQ(solve_mip(*load_backend(GetParam()), program, {}).status, MipStatus::kUnbounded);
}

TEST_P(Backends, StopAtOnceWithTheStart) {
  MipRequest request;
  request.start = std::vector<double>(kValues.size(), 0.0);
  for (const bool by_time : {false, true}) {
    if (by_time) request.time_limit_s = 0;
    request.should_stop = [&] { return !by_time; };
    const auto outcome = solve_mip(*load_backend(GetParam()), knapsack(Sense::kMaximize), request);
    EXPECT_EQ(outcome.status, MipStatus::kStopped);
    EXPECT_EQ(outcome.values, *request.start);
  }
}

TEST_P(Backends, ThrowWhatACallbackThrows) {
  MipRequest request;
  request.on_incumbent = [](double, const std::vector<double>&) { throw std::runtime_error("from below"); };
  const auto backend = load_backend(GetParam());
  try {
    solve_mip(*backend, knapsack(Sense::kMaximize), request);
    ADD_FAILURE() << "the exception was lost";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "from below");
  }
  // And the backend is still fit for use.
  EXPECT_EQ(solve_mip(*backend, knapsack(Sense::kMaximize), {}).objective, best_knapsack());
}

TEST_P(Backends, PrintNothingAndInstallNoSignalHandler) {
  MipRequest request;
  int changed = 0;
  request.should_stop = [&changed] {
    struct sigaction action {};
    sigaction(SIGINT, nullptr, &action);
    changed += action.sa_handler != SIG_DFL;
    return false;
  };
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  solve_mip(*load_backend(GetParam()), knapsack(Sense::kMaximize), request);
  std::fflush(nullptr);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(changed, 0);
}

}  // namespace
}  // namespace nmperm
