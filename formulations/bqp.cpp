#include "formulations/bqp.h"

#include <utility>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

// Measured with GLPK (CBC takes less), where copies of the program dominate.
constexpr double kBytesPerProduct = 1800;

}  // namespace

std::string Bqp::refusal(const FormulationScope& scope) {
  const double products = compact_size(scope).products;
  if (products <= kMostProducts) return {};
  return fmt::format(
      "{:.3g} products of variables (rows x columns x groups), about {:.2g} GB in the MIP solver; the limit "
      "is {:.0f}",
      products, products * kBytesPerProduct / 1e9, kMostProducts);
}

std::unique_ptr<Bqp> Bqp::build(const FormulationScope& scope, SymmetryBreaking symmetry_breaking) {
  if (const std::string text = refusal(scope); !text.empty()) {
    throw UnsupportedError("bqp", {}, text, kAdvice);
  }
  if (scope.stops()) return nullptr;
  return std::unique_ptr<Bqp>(new Bqp(scope, symmetry_breaking));
}

Bqp::Bqp(const FormulationScope& scope, SymmetryBreaking symmetry_breaking)
    : scope_(scope),
      assignment_(std::make_shared<GroupAssignment>(scope, symmetry_breaking)),
      columns_(scope.columns()) {
  add_shared_rows(program_);
  for (int l = 0; l < 2 * scope.problem.rows() * assignment_->count(); ++l) program_.add_row(-kInfinity, 0);
  add_assignments(program_, true);
  add_deletions(program_, true);
  add_products();
  set_names(program_);
}

std::optional<QuadraticProgram> Bqp::quadratic() const {
  QuadraticProgram quadratic{MixedIntegerProgram(MixedIntegerProgram::Sense::kMinimize), {}};
  add_shared_rows(quadratic.linear);
  add_assignments(quadratic.linear, false);
  add_deletions(quadratic.linear, false);
  set_names(quadratic.linear);
  const GroupAssignment& x = *assignment_;
  const int score_rows = scope_.problem.rows();
  for (int k = x.first_group(); k < x.first_group() + x.groups(); ++k) {
    for (int j = 0; j < score_rows; ++j) {
      for (int v = 0; v < x.count(); ++v) {
        if (x.variable(v).group != k) continue;
        const int i = x.variable(v).column - scope_.first_column();
        quadratic.terms.push_back({select_row(j, k), v, x.count() + i * score_rows + j, 1});
      }
    }
  }
  return quadratic;
}

int Bqp::select_row(int row_of_scores, int group) const {
  return assignment_->rows() + (group - assignment_->first_group()) * scope_.problem.rows() + row_of_scores;
}

void Bqp::add_shared_rows(MixedIntegerProgram& program) const {
  const int deleted = scope_.problem.pattern().group - scope_.problem.pattern().keep;
  assignment_->add_rows(program);
  for (int s = 0; s < scope_.problem.rows() * assignment_->groups(); ++s) program.add_row(deleted, deleted);
}

// Rows of w_ijk <= x_ik come before those of w_ijk <= y_ij, both in the order of the w.
void Bqp::add_assignments(MixedIntegerProgram& program, bool linearised) const {
  const int score_rows = scope_.problem.rows();
  const int first_link = assignment_->rows() + score_rows * assignment_->groups();
  std::vector<int> rows;
  std::vector<double> coefficients;
  for (int v = 0; v < assignment_->count(); ++v) {
    rows.clear();
    coefficients.clear();
    assignment_->append_entries(v, rows, coefficients);
    for (int j = 0; linearised && j < score_rows; ++j) {
      rows.push_back(first_link + v * score_rows + j);
      coefficients.push_back(-1);
    }
    program.add_column(0, 0, assignment_->upper_bound(v), true, rows, coefficients);
  }
}

void Bqp::add_deletions(MixedIntegerProgram& program, bool linearised) const {
  const GroupAssignment& x = *assignment_;
  const ScoreMatrix& scores = scope_.problem.search_scores();
  const int score_rows = scores.rows();
  const int first_link = x.rows() + score_rows * (x.groups() + x.count());
  for (int i = 0; i < columns_; ++i) {
    const int column = scope_.first_column() + i, first = x.first_variable(column);
    for (int j = 0; j < score_rows; ++j) {
      std::vector<int> rows;
      for (int v = first; linearised && v < x.count() && x.variable(v).column == column; ++v) {
        rows.push_back(first_link + v * score_rows + j);
      }
      const std::vector<double> coefficients(rows.size(), -1.0);
      program.add_column(static_cast<double>(scores.at(j, column)), 0, 1, false, rows, coefficients);
    }
  }
}

void Bqp::add_products() {
  const GroupAssignment& x = *assignment_;
  const int score_rows = scope_.problem.rows(), links = score_rows * x.count();
  const int first_link = x.rows() + score_rows * x.groups();
  const std::vector<double> ones(3, 1.0);
  for (int w = 0; w < links; ++w) {
    const std::vector<int> rows = {select_row(w % score_rows, x.variable(w / score_rows).group),
                                   first_link + w, first_link + links + w};
    program_.add_column(0, 0, 1, false, rows, ones);
  }
}

void Bqp::set_names(MixedIntegerProgram& program) const {
  const int score_rows = scope_.problem.rows(), links = score_rows * assignment_->count();
  // i, j, k of the n-th product.
  const auto product = [x = assignment_, score_rows](const char* name, int n) {
    const auto [column, group] = x->variable(n / score_rows);
    return fmt::format("{}_{}_{}_{}", name, column, n % score_rows, group);
  };
  program.set_names(
      [=, x = assignment_](int row) {
        if (row < x->rows()) return x->row_name(row);
        const int select = row - x->rows(), selects = score_rows * x->groups();
        if (select < selects) {
          return fmt::format("delete_{}_{}", select % score_rows, x->first_group() + select / score_rows);
        }
        const int link = select - selects;
        return link < links ? product("member", link) : product("deleted", link - links);
      },
      [=, x = assignment_, first_column = scope_.first_column(), deletions = columns_ * score_rows](int c) {
        if (c < x->count()) return x->variable_name(c);
        const int deletion = c - x->count();
        if (deletion >= deletions) return product("w", deletion - deletions);
        return fmt::format("y_{}_{}", first_column + deletion / score_rows, deletion % score_rows);
      });
}

std::vector<int> Bqp::permutation(std::span<const double> solution) const {
  return assignment_->decode(solution);
}

std::vector<double> Bqp::solution(std::span<const int> permutation) const {
  std::vector<double> solution(static_cast<std::size_t>(program_.columns()), 0.0);
  assignment_->encode(permutation, solution);
  const int score_rows = scope_.problem.rows(), first_deletion = assignment_->count();
  const int first_product = first_deletion + columns_ * score_rows;
  for_each_deletion(scope_, permutation, [&](int column, int row) {
    int v = assignment_->first_variable(column);
    while (solution[static_cast<std::size_t>(v)] == 0) ++v;
    const int y = first_deletion + (column - scope_.first_column()) * score_rows + row;
    const int w = first_product + v * score_rows + row;
    solution[static_cast<std::size_t>(y)] = solution[static_cast<std::size_t>(w)] = 1;
  });
  return solution;
}

}  // namespace nmperm
