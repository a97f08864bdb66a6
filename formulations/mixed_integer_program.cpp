#include "formulations/mixed_integer_program.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

void require(bool condition, const char* problem) {
  if (!condition) throw InternalError(std::string("mixed-integer program: ") + problem);
}

bool is_interval(double lower, double upper) {
  return lower <= upper && lower < kInfinity && upper > -kInfinity;
}

}  // namespace

int MixedIntegerProgram::add_row(double lower, double upper) {
  require(is_interval(lower, upper), "a row's bounds are no interval");
  row_lower_.push_back(lower);
  row_upper_.push_back(upper);
  return rows() - 1;
}

int MixedIntegerProgram::add_column(double objective, double lower, double upper, bool integer,
                                    std::span<const int> rows, std::span<const double> coefficients) {
  require(std::isfinite(objective), "an objective coefficient is not finite");
  require(is_interval(lower, upper), "a column's bounds are no interval");
  require(rows.size() == coefficients.size(), "a column has unequal numbers of rows and coefficients");
  int above = -1;
  for (const int row : rows) {
    require(row > above && row < this->rows(), "a column's rows are not ascending rows of the program");
    above = row;
  }
  require(std::all_of(coefficients.begin(), coefficients.end(), [](double a) { return std::isfinite(a); }),
          "a coefficient is not finite");
  objective_.push_back(objective);
  column_lower_.push_back(lower);
  column_upper_.push_back(upper);
  integer_.push_back(integer ? 1 : 0);
  entry_rows_.insert(entry_rows_.end(), rows.begin(), rows.end());
  coefficients_.insert(coefficients_.end(), coefficients.begin(), coefficients.end());
  column_starts_.push_back(entry_rows_.size());
  return columns() - 1;
}

void MixedIntegerProgram::reserve(std::size_t columns, std::size_t entries) {
  objective_.reserve(columns);
  column_lower_.reserve(columns);
  column_upper_.reserve(columns);
  integer_.reserve(columns);
  column_starts_.reserve(columns + 1);
  entry_rows_.reserve(entries);
  coefficients_.reserve(entries);
}

void MixedIntegerProgram::set_names(std::function<std::string(int)> row,
                                    std::function<std::string(int)> column) {
  row_name_ = std::move(row);
  column_name_ = std::move(column);
}

std::string MixedIntegerProgram::row_name(int row) const {
  return row_name_ ? row_name_(row) : fmt::format("r{}", row);
}

std::string MixedIntegerProgram::column_name(int column) const {
  return column_name_ ? column_name_(column) : fmt::format("x{}", column);
}

double MixedIntegerProgram::objective_of(std::span<const double> values) const {
  require(values.size() == objective_.size(), "a solution has the wrong length");
  double sum = objective_constant_;
  for (std::size_t j = 0; j < values.size(); ++j) sum += objective_[j] * values[j];
  return sum;
}

double MixedIntegerProgram::violation(std::span<const double> values) const {
  require(values.size() == objective_.size(), "a solution has the wrong length");
  double worst = 0;
  const auto miss = [&worst](double amount) {
    // A comparison that NaN fails, so that NaN counts as a violation.
    if (!(amount <= worst)) worst = std::isnan(amount) ? kInfinity : amount;
  };
  std::vector<double> activity(row_lower_.size(), 0.0);
  for (std::size_t j = 0; j < values.size(); ++j) {
    const double x = values[j];
    miss(column_lower_[j] - x);
    miss(x - column_upper_[j]);
    if (integer_[j]) miss(std::abs(x - std::round(x)));
    if (x == 0) continue;
    for (std::size_t e = column_starts_[j]; e < column_starts_[j + 1]; ++e) {
      activity[static_cast<std::size_t>(entry_rows_[e])] += coefficients_[e] * x;
    }
  }
  for (std::size_t r = 0; r < activity.size(); ++r) {
    miss(row_lower_[r] - activity[r]);
    miss(activity[r] - row_upper_[r]);
  }
  return worst;
}

MixedIntegerProgram MixedIntegerProgram::with_columns(const std::vector<int>& kept) const {
  MixedIntegerProgram program(sense_);
  program.row_lower_ = row_lower_;
  program.row_upper_ = row_upper_;
  program.objective_constant_ = objective_constant_;
  for (const int column : kept) {
    const auto j = static_cast<std::size_t>(column);
    const std::size_t begin = column_starts_[j], entries = column_starts_[j + 1] - begin;
    program.add_column(objective_[j], column_lower_[j], column_upper_[j], integer_[j] != 0,
                       std::span(entry_rows_).subspan(begin, entries),
                       std::span(coefficients_).subspan(begin, entries));
  }
  if (row_name_) {
    program.set_names(row_name_, [name = column_name_, kept](int column) {
      return name(kept[static_cast<std::size_t>(column)]);
    });
  }
  return program;
}

MixedIntegerProgram::DualBound MixedIntegerProgram::dual_bound(std::vector<double> duals) const {
  require(duals.size() == row_lower_.size(), "a vector of duals has the wrong length");
  // As a minimisation: bound = sum over rows and columns of the least that each can add.
  const double sign = sense_ == Sense::kMinimize ? 1 : -1;
  const auto least = [sign](double price, double lower, double upper) {
    return price == 0 ? 0.0 : sign * price * (sign * price > 0 ? lower : upper);
  };
  double bound = sign * objective_constant_;
  for (std::size_t r = 0; r < duals.size(); ++r) {
    if (std::isinf(least(duals[r], row_lower_[r], row_upper_[r]))) duals[r] = 0;
    bound += least(duals[r], row_lower_[r], row_upper_[r]);
  }
  DualBound result{0, objective_};
  for (std::size_t j = 0; j < objective_.size(); ++j) {
    double& cost = result.reduced_costs[j];
    for (std::size_t e = column_starts_[j]; e < column_starts_[j + 1]; ++e) {
      cost -= duals[static_cast<std::size_t>(entry_rows_[e])] * coefficients_[e];
    }
    bound += least(cost, column_lower_[j], column_upper_[j]);
  }
  result.bound = sign * bound;
  return result;
}

}  // namespace nmperm
