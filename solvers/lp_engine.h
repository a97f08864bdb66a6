// The interface between column generation and linear-programming solvers. Implementations live in the backend
// modules (backend_loader.h): CLP in the CBC module, GLPK's simplex method in the other.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace nmperm {

/// Columns to add, sparse: entries starts[j] .. starts[j + 1] - 1 are those of column j.
struct LpColumns {
  std::vector<double> costs;
  std::vector<int> starts = {0};
  std::vector<int> rows;
  std::vector<double> coefficients;

  int count() const { return static_cast<int>(costs.size()); }
};

struct LpLimits {
  int iterations = std::numeric_limits<int>::max();
  double time_s = std::numeric_limits<double>::infinity();
  std::function<bool()> should_stop;  ///< may be empty
};

enum class LpState {
  kOptimal,
  kStopped,  ///< by a limit
  kFailed    ///< infeasible, unbounded or numerical trouble
};

/// min c x, A x = b, 0 <= x, where columns come and go and every solve begins with the last basis. Rows are
/// there from the beginning. Throws InternalError where the solver's own error handling reports misuse.
class LpEngine {
 public:
  enum class Method { kPrimal, kDual };

  virtual ~LpEngine() = default;
  virtual void add_columns(const LpColumns& columns) = 0;
  /// `columns` ascending; later ones move up.
  virtual void remove_columns(const std::vector<int>& columns) = 0;
  /// A column that is not open is fixed at 0.
  virtual void set_open(int column, bool open) = 0;
  virtual LpState solve(Method method, const LpLimits& limits) = 0;

  /// Of the last solve. For a dual solve that was stopped early it bounds the optimum from below, up to the
  /// solver's tolerances.
  virtual double objective() const = 0;
  virtual void values(std::vector<double>& values) const = 0;
  virtual void duals(std::vector<double>& duals) const = 0;

  /// The basis, opaque; good as long as no column comes or goes.
  virtual std::vector<std::uint8_t> basis() const = 0;
  virtual void set_basis(const std::vector<std::uint8_t>& basis) = 0;
};

}  // namespace nmperm
