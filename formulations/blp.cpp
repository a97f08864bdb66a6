#include "formulations/blp.h"

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

// Measured with GLPK (CBC takes less), where copies of the program dominate.
constexpr double kBytesPerProduct = 1100;

}  // namespace

std::string Blp::refusal(const FormulationScope& scope) {
  const double products = compact_size(scope).products;
  if (products <= kMostProducts) return {};
  return fmt::format(
      "{:.3g} deletion variables (rows x columns x groups), about {:.2g} GB in the MIP solver; the limit is "
      "{:.0f}",
      products, products * kBytesPerProduct / 1e9, kMostProducts);
}

std::unique_ptr<Blp> Blp::build(const FormulationScope& scope, SymmetryBreaking symmetry_breaking) {
  if (const std::string text = refusal(scope); !text.empty()) {
    throw UnsupportedError("blp", {}, text, kAdvice);
  }
  if (scope.stops()) return nullptr;
  return std::unique_ptr<Blp>(new Blp(scope, symmetry_breaking));
}

Blp::Blp(const FormulationScope& scope, SymmetryBreaking symmetry_breaking)
    : scope_(scope), assignment_(std::make_shared<GroupAssignment>(scope, symmetry_breaking)) {
  const Pattern& pattern = scope.problem.pattern();
  const int rows = scope.problem.rows(), deleted = pattern.group - pattern.keep;
  assignment_->add_rows(program_);
  for (int s = 0; s < rows * assignment_->groups(); ++s) program_.add_row(deleted, deleted);
  for (int l = 0; l < rows * assignment_->count(); ++l) program_.add_row(-kInfinity, 0);
  add_columns();
  set_names();
}

void Blp::add_columns() {
  const GroupAssignment& x = *assignment_;
  const ScoreMatrix& scores = scope_.problem.search_scores();
  const int score_rows = scores.rows();
  const int first_select = x.rows(), first_link = first_select + score_rows * x.groups();
  std::vector<int> rows;
  std::vector<double> coefficients;
  for (int v = 0; v < x.count(); ++v) {
    rows.clear();
    coefficients.clear();
    x.append_entries(v, rows, coefficients);
    for (int j = 0; j < score_rows; ++j) {
      rows.push_back(first_link + v * score_rows + j);
      coefficients.push_back(-1);
    }
    program_.add_column(0, 0, x.upper_bound(v), true, rows, coefficients);
  }
  const std::vector<double> ones(2, 1.0);
  for (int v = 0; v < x.count(); ++v) {
    const auto [column, group] = x.variable(v);
    for (int j = 0; j < score_rows; ++j) {
      rows = {first_select + (group - x.first_group()) * score_rows + j, first_link + v * score_rows + j};
      program_.add_column(static_cast<double>(scores.at(j, column)), 0, 1, false, rows, ones);
    }
  }
}

void Blp::set_names() {
  const int score_rows = scope_.problem.rows();
  program_.set_names(
      [x = assignment_, score_rows](int row) {
        if (row < x->rows()) return x->row_name(row);
        const int select = row - x->rows(), selects = score_rows * x->groups();
        if (select < selects) {
          return fmt::format("delete_{}_{}", select % score_rows, x->first_group() + select / score_rows);
        }
        const auto [column, group] = x->variable((select - selects) / score_rows);
        return fmt::format("member_{}_{}_{}", column, (select - selects) % score_rows, group);
      },
      [x = assignment_, score_rows](int c) {
        if (c < x->count()) return x->variable_name(c);
        const auto [column, group] = x->variable((c - x->count()) / score_rows);
        return fmt::format("z_{}_{}_{}", column, (c - x->count()) % score_rows, group);
      });
}

std::vector<int> Blp::permutation(std::span<const double> solution) const {
  return assignment_->decode(solution);
}

std::vector<double> Blp::solution(std::span<const int> permutation) const {
  std::vector<double> solution(static_cast<std::size_t>(program_.columns()), 0.0);
  assignment_->encode(permutation, solution);
  const int score_rows = scope_.problem.rows();
  for_each_deletion(scope_, permutation, [&](int column, int row) {
    int v = assignment_->first_variable(column);
    while (solution[static_cast<std::size_t>(v)] == 0) ++v;
    const int z = assignment_->count() + v * score_rows + row;
    solution[static_cast<std::size_t>(z)] = 1;
  });
  return solution;
}

}  // namespace nmperm
