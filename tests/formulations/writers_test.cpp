// LP and MPS files: what they say, read back by a parser of this test's own.
#include <cmath>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/objective.h"
#include "formulations/bqp.h"
#include "formulations/lp_writer.h"
#include "formulations/mps_writer.h"
#include "tests/support/arbitrary.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;

template <typename Program>
std::string lp_text(const Program& program, const std::string& comment = "") {
  std::string text;
  write_lp(program, comment, [&text](std::string_view piece) { text += piece; });
  return text;
}

template <typename Program>
std::string mps_text(const Program& program, const std::string& comment = "") {
  std::string text;
  write_mps(program, "test", comment, [&text](std::string_view piece) { text += piece; });
  return text;
}

// A column of every kind, and a row of every kind.
MixedIntegerProgram every_kind() {
  MixedIntegerProgram program(MixedIntegerProgram::Sense::kMinimize);
  program.add_row(-kInfinity, 4);
  program.add_row(1, kInfinity);
  program.add_row(-1, 2.5);
  program.add_row(3, 3);
  program.add_row(-kInfinity, kInfinity);
  const std::vector<int> rows = {0, 1, 2, 3, 4};
  program.add_column(0.1, 0, 1, true, rows, std::vector<double>{1, -1, 2, 1e-7, 1});
  program.add_column(-1, -kInfinity, kInfinity, false, std::vector<int>{0, 1, 2},
                     std::vector<double>{1, 1, 1});
  program.add_column(0, -3, 7, true, std::vector<int>{3}, std::vector<double>{1});
  program.add_column(2, 0, kInfinity, false, {}, {});
  program.add_column(0, 2, 2, false, std::vector<int>{3}, std::vector<double>{0.5});
  program.add_column(0, -kInfinity, 5, false, std::vector<int>{2}, std::vector<double>{1});
  program.add_column(0, 1, kInfinity, true, std::vector<int>{1}, std::vector<double>{1});
  program.set_objective_constant(10);
  return program;
}

TEST(LpWriter, WritesEveryKindOfRowAndColumn) {
  EXPECT_EQ(lp_text(every_kind(), "one\ntwo \x01"),
            "\\ one\n"
            "\\ two ?\n"
            "Minimize\n"
            " obj: 0.1 x0 - x1 + 2 x3 + 10 constant\n"
            "Subject To\n"
            " r0: x0 + x1 <= 4\n"
            " r1: - x0 + x1 + x6 >= 1\n"
            " r2_lower: 2 x0 + x1 + x5 >= -1\n"
            " r2_upper: 2 x0 + x1 + x5 <= 2.5\n"
            " r3: 1e-07 x0 + x2 + 0.5 x4 = 3\n"
            "Bounds\n"
            " constant = 1\n"
            " x1 free\n"
            " -3 <= x2 <= 7\n"
            " x4 = 2\n"
            " -inf <= x5 <= 5\n"
            " x6 >= 1\n"
            "Binaries\n"
            " x0\n"
            "Generals\n"
            " x2 x6\n"
            "End\n");
}

TEST(MpsWriter, WritesEveryKindOfRowAndColumn) {
  EXPECT_EQ(mps_text(every_kind(), "one"),
            "* one\n"
            "NAME test FREE\n"
            "ROWS\n N obj\n L r0\n G r1\n L r2\n E r3\n N r4\n"
            "COLUMNS\n"
            " MARKER0 'MARKER' 'INTORG'\n"
            " x0 obj 0.1\n x0 r0 1\n x0 r1 -1\n x0 r2 2\n x0 r3 1e-07\n x0 r4 1\n"
            " MARKER1 'MARKER' 'INTEND'\n"
            " x1 obj -1\n x1 r0 1\n x1 r1 1\n x1 r2 1\n"
            " MARKER2 'MARKER' 'INTORG'\n"
            " x2 r3 1\n"
            " MARKER3 'MARKER' 'INTEND'\n"
            " x3 obj 2\n"
            " x4 r3 0.5\n"
            " x5 r2 1\n"
            " MARKER4 'MARKER' 'INTORG'\n"
            " x6 r1 1\n"
            " MARKER5 'MARKER' 'INTEND'\n"
            " constant obj 10\n"
            "RHS\n RHS r0 4\n RHS r1 1\n RHS r2 2.5\n RHS r3 3\n"
            "RANGES\n RANGE r2 3.5\n"
            "BOUNDS\n FX BOUND constant 1\n UP BOUND x0 1\n FR BOUND x1\n LO BOUND x2 -3\n UP BOUND x2 7\n "
            "FX BOUND x4 2\n"
            " MI BOUND x5\n UP BOUND x5 5\n LO BOUND x6 1\n PL BOUND x6\n"
            "ENDATA\n");
}

TEST(MpsWriter, NegatesWhatIsToBeMaximised) {
  MixedIntegerProgram program(MixedIntegerProgram::Sense::kMaximize);
  program.add_column(2, 0, 1, false, {}, {});
  program.set_objective_constant(3);
  EXPECT_THAT(mps_text(program), HasSubstr(" x0 obj -2\n"));
  EXPECT_THAT(mps_text(program), HasSubstr(" constant obj -3\n"));
  EXPECT_THAT(mps_text(program), HasSubstr("negated"));
  EXPECT_THAT(lp_text(program), HasSubstr("Maximize\n obj: 2 x0 + 3 constant\n"));
}

TEST(LpWriter, BreaksLongLines) {
  MixedIntegerProgram program(MixedIntegerProgram::Sense::kMinimize);
  program.add_row(1, 1);
  for (int j = 0; j < 1000; ++j) {
    program.add_column(1.0 / 3, 0, 1, true, std::vector<int>{0}, std::vector<double>{1.0 / 3});
  }
  std::istringstream lines(lp_text(program));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 130u) << line;
}

// The text of an LP file: sums of "[-|+] [number] name [* name]", per row.
class LpSums {
 public:
  explicit LpSums(const std::string& text) {
    std::istringstream stream(text);
    std::string token, row;
    double sign = 1, number = 1;
    while (stream >> token && token != "Bounds") {
      if (token == "Subject") {
        stream >> token;  // To
      } else if (token.back() == ':') {
        row = token.substr(0, token.size() - 1);
      } else if (token == "+" || token == "-") {
        sign = token == "-" ? -1 : 1;
      } else if (token == "=" || token == "<=" || token == ">=") {
        stream >> sides_[row];
        relations_[row] = token;
      } else if (token == "*") {
        stream >> terms_[row].back().second;
      } else if (std::isdigit(static_cast<unsigned char>(token[0])) != 0) {
        number = std::stod(token);
      } else if (token != "[" && token != "]" && !row.empty()) {
        terms_[row].push_back({token, "", sign * number});
        sign = number = 1;
      }
    }
  }

  double sum(const std::string& row, const std::map<std::string, double>& values) const {
    double sum = 0;
    for (const Term& term : terms_.at(row)) {
      sum += term.coefficient * values.at(term.first) * (term.second.empty() ? 1 : values.at(term.second));
    }
    return sum;
  }

  /// By how much the values miss the worst row.
  double violation(const std::map<std::string, double>& values) const {
    double worst = 0;
    for (const auto& [row, side] : sides_) {
      const double excess = sum(row, values) - side;
      const std::string& relation = relations_.at(row);
      worst = std::max(worst, relation == "<=" ? excess : relation == ">=" ? -excess : std::abs(excess));
    }
    return worst;
  }
  std::size_t rows() const { return sides_.size(); }

 private:
  struct Term {
    std::string first, second;
    double coefficient;
  };
  std::map<std::string, std::vector<Term>> terms_;
  std::map<std::string, double> sides_;
  std::map<std::string, std::string> relations_;
};

/// The quadratic program of a problem, and its values at a permutation by name.
struct KnownSolution {
  explicit KnownSolution(const Problem& problem, const Permutation& permutation)
      : bqp(Bqp::build(FormulationScope::whole(problem), SymmetryBreaking::kOn)), program(*bqp->quadratic()) {
    const std::vector<double> solution = bqp->solution(permutation);
    for (int j = 0; j < program.linear.columns(); ++j) {
      values[program.linear.column_name(j)] = solution[static_cast<std::size_t>(j)];
    }
  }

  std::unique_ptr<Bqp> bqp;
  QuadraticProgram program;
  std::map<std::string, double> values;
};

TEST(LpWriter, WritesSquaresAndProducts) {
  QuadraticProgram program{MixedIntegerProgram(MixedIntegerProgram::Sense::kMinimize), {}};
  program.linear.add_row(-kInfinity, 1);
  program.linear.add_column(1, 0, 1, false, std::vector<int>{0}, std::vector<double>{3});
  program.linear.add_column(1, 0, 1, false, {}, {});
  program.terms = {{0, 0, 0, 2}, {0, 0, 1, -1}};
  EXPECT_THAT(lp_text(program), HasSubstr(" r0: 3 x0 + [ 2 x0 ^2 - x0 * x1 ] <= 1\n"));
  EXPECT_THAT(mps_text(program), HasSubstr("QCMATRIX r0\n x0 x0 2\n x0 x1 -0.5\n x1 x0 -0.5\n"));
  EXPECT_EQ(program.violation(std::vector<double>{1, 0.5}), 3 + 2 - 0.5 - 1);
}

TEST(LpWriter, TheQuadraticFormHoldsAtAKnownSolution) {
  const Segments segments({8, 4});
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 5, 12, 3), {2, 4}, segments);
  const Permutation permutation = testing::shuffled(segments, 4);
  KnownSolution known(problem, permutation);
  const LpSums sums(lp_text(known.program));
  EXPECT_EQ(sums.rows(), static_cast<std::size_t>(known.program.linear.rows()));
  EXPECT_EQ(sums.violation(known.values), 0);
  const double pruned = problem.magnitude().total - problem.evaluate(permutation).kept;
  EXPECT_NEAR(sums.sum("obj", known.values), pruned, 1e-12);
  // One deletion less in some row of some group is seen.
  for (auto& [name, value] : known.values) {
    if (name[0] != 'y' || value != 1) continue;
    value = 0;
    EXPECT_EQ(sums.violation(known.values), 1) << name;
    value = 1;
  }
}

TEST(MpsWriter, TheQuadraticFormHoldsAtAKnownSolution) {
  const Problem problem(testing::random_scores(testing::Scores::kUniform, 5, 8, 3), {1, 4});
  const KnownSolution known(problem, testing::shuffled(problem.segments(), 4));
  std::istringstream stream(mps_text(known.program));
  std::map<std::string, double> products;
  std::string line, row;
  while (std::getline(stream, line)) {
    if (line.rfind("QCMATRIX ", 0) == 0) {
      row = line.substr(9);
    } else if (!row.empty() && line != "ENDATA") {
      std::istringstream fields(line);
      std::string first, second;
      double coefficient = 0;
      fields >> first >> second >> coefficient;
      products[row] += coefficient * known.values.at(first) * known.values.at(second);
    }
  }
  EXPECT_EQ(products.size(), 5u * 2);
  for (const auto& [name, sum] : products) EXPECT_EQ(sum, 3) << name << ": M - N deletions";
}

}  // namespace
}  // namespace nmperm
