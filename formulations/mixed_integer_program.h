// A mixed-integer linear program as rows and columns, of no particular solver.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace nmperm {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// min or max of c x + constant, subject to row_lower <= A x <= row_upper, column_lower <= x <= column_upper,
/// some x integer. A is sparse and stored by columns: rows are declared first, then each column is added with
/// its entries. 12 bytes an entry and 33 bytes a column; a million columns are cheap. Names are made on
/// demand, by functions, because solvers need none.
class MixedIntegerProgram {
 public:
  enum class Sense { kMinimize, kMaximize };

  explicit MixedIntegerProgram(Sense sense) : sense_(sense) {}

  /// Adds a row; returns its index. Infinite bounds mean none. Throws InternalError on lower > upper or NaN.
  int add_row(double lower, double upper);
  /// Adds a column with its entries (rows ascending, coefficients finite, `rows` and `coefficients` of one
  /// length); returns its index. Throws InternalError on anything else, before it changes the program: GLPK
  /// ends the process when given an invalid one.
  int add_column(double objective, double lower, double upper, bool integer, std::span<const int> rows,
                 std::span<const double> coefficients);
  /// Makes room for what is coming.
  void reserve(std::size_t columns, std::size_t entries);
  void set_objective_constant(double constant) { objective_constant_ = constant; }
  void set_names(std::function<std::string(int)> row, std::function<std::string(int)> column);

  Sense sense() const { return sense_; }
  int rows() const { return static_cast<int>(row_lower_.size()); }
  int columns() const { return static_cast<int>(objective_.size()); }
  std::size_t entries() const { return entry_rows_.size(); }
  const std::vector<double>& row_lower() const { return row_lower_; }
  const std::vector<double>& row_upper() const { return row_upper_; }
  const std::vector<double>& column_lower() const { return column_lower_; }
  const std::vector<double>& column_upper() const { return column_upper_; }
  const std::vector<double>& objective() const { return objective_; }
  double objective_constant() const { return objective_constant_; }
  bool is_integer(int column) const { return integer_[static_cast<std::size_t>(column)] != 0; }

  /// Entries of column j: positions column_start(j) .. column_start(j + 1) - 1 of the two arrays.
  std::size_t column_start(int column) const { return column_starts_[static_cast<std::size_t>(column)]; }
  const std::vector<int>& entry_rows() const { return entry_rows_; }
  const std::vector<double>& coefficients() const { return coefficients_; }

  /// "r0", "x0" unless set_names() said otherwise.
  std::string row_name(int row) const;
  std::string column_name(int column) const;

  /// This program without the columns that are not in `kept` (ascending), which thereby become 0. Names are
  /// kept.
  MixedIntegerProgram with_columns(const std::vector<int>& kept) const;

  /// c x + constant.
  double objective_of(std::span<const double> values) const;
  /// Largest amount by which x misses a row, a bound of a column, or (for integer columns) an integer.
  double violation(std::span<const double> values) const;
  /// What any row duals prove about the relaxation, whoever found them (weak duality), and the reduced costs
  /// c - A^T duals that belong to them. Duals that a row's infinite bound forbids count as zero.
  struct DualBound {
    /// No solution has a better objective. Infinite, and of no use, where a column without a bound has a
    /// reduced cost of the wrong sign, if only by rounding.
    double bound;
    std::vector<double> reduced_costs;
  };
  DualBound dual_bound(std::vector<double> duals) const;

 private:
  Sense sense_;
  std::vector<double> row_lower_, row_upper_;
  std::vector<double> objective_, column_lower_, column_upper_;
  std::vector<std::uint8_t> integer_;
  std::vector<std::size_t> column_starts_ = {0};
  std::vector<int> entry_rows_;
  std::vector<double> coefficients_;
  double objective_constant_ = 0;
  std::function<std::string(int)> row_name_, column_name_;
};

}  // namespace nmperm
