#include "formulations/quadratic_program.h"

#include "core/error.h"

namespace nmperm {

double QuadraticProgram::violation(std::span<const double> values) const {
  if (values.size() != static_cast<std::size_t>(linear.columns())) {
    throw InternalError("quadratic program: a solution has the wrong length");
  }
  // Products of known values are constants, which move to the bounds of their rows.
  std::vector<double> products(static_cast<std::size_t>(linear.rows()), 0.0);
  for (const QuadraticTerm& term : terms) {
    products[static_cast<std::size_t>(term.row)] += term.coefficient *
                                                    values[static_cast<std::size_t>(term.first)] *
                                                    values[static_cast<std::size_t>(term.second)];
  }
  MixedIntegerProgram shifted(linear.sense());
  for (int r = 0; r < linear.rows(); ++r) {
    const auto row = static_cast<std::size_t>(r);
    shifted.add_row(linear.row_lower()[row] - products[row], linear.row_upper()[row] - products[row]);
  }
  for (int j = 0; j < linear.columns(); ++j) {
    const auto column = static_cast<std::size_t>(j);
    const std::size_t begin = linear.column_start(j), entries = linear.column_start(j + 1) - begin;
    shifted.add_column(linear.objective()[column], linear.column_lower()[column],
                       linear.column_upper()[column], linear.is_integer(j),
                       std::span(linear.entry_rows()).subspan(begin, entries),
                       std::span(linear.coefficients()).subspan(begin, entries));
  }
  return shifted.violation(values);
}

}  // namespace nmperm
