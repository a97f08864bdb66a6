#include "formulations/mixed_integer_program.h"

#include <cmath>

#include <gtest/gtest.h>

#include "core/error.h"

namespace nmperm {
namespace {

// max 2 x + 3 y + 1, x + y <= 4, 1 <= x - y <= 2, x integer in 0..3, y >= 0.
MixedIntegerProgram small_program() {
  MixedIntegerProgram program(MixedIntegerProgram::Sense::kMaximize);
  program.add_row(-kInfinity, 4);
  program.add_row(1, 2);
  const std::vector<int> both = {0, 1};
  program.add_column(2, 0, 3, true, both, std::vector<double>{1, 1});
  program.add_column(3, 0, kInfinity, false, both, std::vector<double>{1, -1});
  program.set_objective_constant(1);
  return program;
}

TEST(MixedIntegerProgram, EvaluatesSolutions) {
  const MixedIntegerProgram program = small_program();
  EXPECT_EQ(program.objective_of(std::vector<double>{2, 1}), 8);
  EXPECT_EQ(program.violation(std::vector<double>{2, 1}), 0);
  EXPECT_EQ(program.violation(std::vector<double>{3, 2}), 1) << "x + y <= 4";
  EXPECT_EQ(program.violation(std::vector<double>{3, 0}), 1) << "x - y <= 2";
  EXPECT_EQ(program.violation(std::vector<double>{2, 1.5}), 0.5) << "x - y >= 1";
  EXPECT_EQ(program.violation(std::vector<double>{1.5, 0.25}), 0.5) << "x is no integer";
  EXPECT_EQ(program.violation(std::vector<double>{5, -1}), 4) << "x - y <= 2 is missed by more than x <= 3";
  EXPECT_EQ(program.violation(std::vector<double>{1, -0.25}), 0.25) << "y >= 0";
  EXPECT_EQ(program.violation(std::vector<double>{std::nan(""), 0}), kInfinity);
}

TEST(MixedIntegerProgram, KeepsEntriesByColumn) {
  const MixedIntegerProgram program = small_program();
  EXPECT_EQ(program.rows(), 2);
  EXPECT_EQ(program.columns(), 2);
  EXPECT_EQ(program.column_start(1), 2u);
  EXPECT_EQ(program.column_start(2), 4u);
  EXPECT_EQ(program.entry_rows(), (std::vector<int>{0, 1, 0, 1}));
  EXPECT_EQ(program.coefficients(), (std::vector<double>{1, 1, 1, -1}));
}

TEST(MixedIntegerProgram, NamesAreMadeOnDemand) {
  MixedIntegerProgram program = small_program();
  EXPECT_EQ(program.row_name(1), "r1");
  EXPECT_EQ(program.column_name(0), "x0");
  program.set_names([](int) { return "row"; }, [](int) { return "column"; });
  EXPECT_EQ(program.row_name(1), "row");
  EXPECT_EQ(program.column_name(0), "column");
}

TEST(MixedIntegerProgram, RefusesWhatASolverWouldAbortOn) {
  MixedIntegerProgram program = small_program();
  const std::vector<int> row = {0};
  const std::vector<double> one = {1};
  EXPECT_THROW(program.add_row(2, 1), InternalError);
  EXPECT_THROW(program.add_row(std::nan(""), 1), InternalError);
  EXPECT_THROW(program.add_row(kInfinity, kInfinity), InternalError);
  EXPECT_THROW(program.add_column(kInfinity, 0, 1, true, row, one), InternalError);
  EXPECT_THROW(program.add_column(1, 1, 0, true, row, one), InternalError);
  EXPECT_THROW(program.add_column(1, 0, 1, true, row, std::vector<double>{1, 2}), InternalError);
  EXPECT_THROW(program.add_column(1, 0, 1, true, std::vector<int>{2}, one), InternalError);
  EXPECT_THROW(program.add_column(1, 0, 1, true, std::vector<int>{-1}, one), InternalError);
  EXPECT_THROW(program.add_column(1, 0, 1, true, std::vector<int>{0, 0}, std::vector<double>{1, 1}),
               InternalError);
  EXPECT_THROW(program.add_column(1, 0, 1, true, row, std::vector<double>{std::nan("")}), InternalError);
  EXPECT_EQ(program.columns(), 2) << "nothing of a refused column stays";
  EXPECT_EQ(program.entries(), 4u);
}

}  // namespace
}  // namespace nmperm
