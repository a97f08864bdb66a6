// solve_mip() with backends that misbehave.
#include "solvers/solve_mip.h"

#include <functional>

#include <gtest/gtest.h>

#include "core/error.h"

namespace nmperm {
namespace {

/// Answers as the test says.
class Scripted : public MipBackend {
 public:
  using Solve = std::function<MipOutcome(const MixedIntegerProgram&, const MipRequest&)>;
  explicit Scripted(Solve solve, std::vector<double> duals = {0.0})
      : solve_(std::move(solve)), duals_(std::move(duals)) {}
  std::string description() const override { return "scripted"; }
  std::unique_ptr<LpEngine> lp_engine(const std::vector<double>&) const override { return nullptr; }
  LpOutcome relax(const MixedIntegerProgram&, const MipRequest&) const override {
    return {MipStatus::kOptimal, duals_, {}};
  }
  MipOutcome solve(const MixedIntegerProgram& program, const MipRequest& request) const override {
    return solve_(program, request);
  }

 private:
  Solve solve_;
  std::vector<double> duals_;
};

// min 3 x0 + 2 x1 + 10 x2, x0 + x1 + x2 >= 1, binary.
MixedIntegerProgram cover() {
  MixedIntegerProgram program(MixedIntegerProgram::Sense::kMinimize);
  program.add_row(1, kInfinity);
  for (const double cost : {3.0, 2.0, 10.0}) {
    program.add_column(cost, 0, 1, true, std::vector<int>{0}, std::vector<double>{1});
  }
  return program;
}

TEST(SolveMip, DropsSolutionsThatViolateARow) {
  const Scripted liar([](const MixedIntegerProgram&, const MipRequest& request) {
    request.on_incumbent(-1, {0, 0, 0});
    return MipOutcome{MipStatus::kOptimal, {0, 0, 0}, -1, {}, {}};
  });
  const auto outcome = solve_mip(liar, cover(), {});
  EXPECT_EQ(outcome.status, MipStatus::kStopped) << "what is no solution is no optimum";
  EXPECT_TRUE(outcome.values.empty());
}

TEST(SolveMip, RoundsIntegersAndRecomputesObjectives) {
  const Scripted sloppy([](const MixedIntegerProgram&, const MipRequest&) {
    return MipOutcome{MipStatus::kOptimal, {1e-8, 1 - 1e-8, 0}, 1.5, 2.0, {}};
  });
  const auto outcome = solve_mip(sloppy, cover(), {});
  EXPECT_EQ(outcome.values, (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(outcome.objective, 2);
  EXPECT_EQ(outcome.bound, 2 - 2 * kMipBoundMargin);
}

TEST(SolveMip, ReportsOnlyImprovements) {
  const Scripted wandering([](const MixedIntegerProgram&, const MipRequest& request) {
    for (const double bound : {1.0, 0.5, 1.5, 1.5}) request.on_bound(bound);
    request.on_incumbent(3, {1, 0, 0});
    request.on_incumbent(10, {0, 0, 1});
    request.on_incumbent(2, {0, 1, 0});
    return MipOutcome{MipStatus::kStopped, {1, 0, 0}, 3, {}, {}};
  });
  std::vector<double> objectives, bounds;
  MipRequest request;
  request.on_incumbent = [&](double objective, const auto&) { objectives.push_back(objective); };
  request.on_bound = [&](double bound) { bounds.push_back(bound); };
  const auto outcome = solve_mip(wandering, cover(), request);
  EXPECT_EQ(objectives, (std::vector<double>{3, 2}));
  EXPECT_EQ(bounds, (std::vector<double>{1 - kMipBoundMargin, 1.5 * (1 - kMipBoundMargin)}));
  EXPECT_EQ(outcome.objective, 2);
}

TEST(SolveMip, LeavesOutColumnsThatCannotImproveOnTheStart) {
  int columns_seen = 0;
  // With the dual 2 the bound is 2 and the reduced costs are 1, 0, 8: a start of 3 excludes x2 alone.
  const Scripted backend(
      [&](const MixedIntegerProgram& program, const MipRequest& request) {
        columns_seen = program.columns();
        EXPECT_EQ(request.start, (std::vector<double>{1, 0}));
        request.on_incumbent(2, {0, 1});
        return MipOutcome{MipStatus::kOptimal, {0, 1}, 2, 2.0, {}};
      },
      {2.0});
  MipRequest request;
  request.start = std::vector<double>{1, 0, 0};
  std::vector<double> found;
  request.on_incumbent = [&](double, const std::vector<double>& values) { found = values; };
  const auto outcome = solve_mip(backend, cover(), request);
  EXPECT_EQ(columns_seen, 2);
  EXPECT_EQ(found, (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(outcome.values, found);
  EXPECT_EQ(outcome.status, MipStatus::kOptimal);
}

TEST(SolveMip, ABoundOfSomeColumnsIsNoBetterThanTheStart) {
  const Scripted backend(
      [](const MixedIntegerProgram&, const MipRequest& request) {
        request.on_bound(5);  // true of the columns it sees, for all that solve_mip() knows
        return MipOutcome{MipStatus::kInfeasible, {}, 0, {}, {}};
      },
      {2.0});
  MipRequest request;
  request.start = std::vector<double>{1, 0, 0};
  const auto outcome = solve_mip(backend, cover(), request);
  EXPECT_EQ(outcome.status, MipStatus::kOptimal);
  EXPECT_EQ(outcome.bound, 3 - 3 * kMipBoundMargin);
}

TEST(SolveMip, AFailureIsADefect) {
  const Scripted broken([](const MixedIntegerProgram&, const MipRequest&) {
    return MipOutcome{MipStatus::kFailed, {}, 0, {}, "out of order"};
  });
  EXPECT_THROW(solve_mip(broken, cover(), {}), InternalError);
}

TEST(DualBound, HoldsForAnyDuals) {
  for (double dual = -3; dual <= 12; dual += 0.25) {
    const auto proof = cover().dual_bound({dual});
    EXPECT_LE(proof.bound, 2) << "the optimum";
    const double counted = std::max(dual, 0.0);  // the row has no upper bound
    EXPECT_EQ(proof.reduced_costs, (std::vector<double>{3 - counted, 2 - counted, 10 - counted}));
  }
  EXPECT_EQ(cover().dual_bound({2}).bound, 2);
}

}  // namespace
}  // namespace nmperm
