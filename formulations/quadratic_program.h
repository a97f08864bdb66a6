// A mixed-integer program whose rows may also hold products of two columns.
#pragma once

#include <span>
#include <vector>

#include "formulations/mixed_integer_program.h"

namespace nmperm {

/// coefficient * x_first * x_second, as a part of a row.
struct QuadraticTerm {
  int row;
  int first, second;
  double coefficient;
};

/// row_lower <= A x + sum of the row's terms <= row_upper; everything else is that of `linear`. No solver
/// here takes such a program; it is written to files for those that do.
struct QuadraticProgram {
  MixedIntegerProgram linear;
  std::vector<QuadraticTerm> terms;  ///< by row, ascending

  /// Largest amount by which x misses a row, a bound of a column, or (for integer columns) an integer.
  double violation(std::span<const double> values) const;
};

}  // namespace nmperm
