#include "solvers/clp_engine.h"

#include <algorithm>
#include <chrono>

#include <ClpEventHandler.hpp>
#include <ClpSimplex.hpp>
#include <CoinError.hpp>
#include <CoinFinite.hpp>

#include "core/error.h"

namespace nmperm {
namespace {

using Clock = std::chrono::steady_clock;

/// Ends the simplex method when its time is up.
class StopEvents : public ClpEventHandler {
 public:
  explicit StopEvents(const LpLimits* const* limits, const Clock::time_point* begin)
      : limits_(limits), begin_(begin) {}
  int event(Event which) override {
    if (which != endOfIteration && which != endOfFactorization) return -1;
    // Reading the clock at every iteration of a small LP would take as long as the LP.
    constexpr int kIterationsPerLook = 16;
    if (which == endOfIteration && ++iterations_ % kIterationsPerLook != 0) return -1;
    const LpLimits& limits = **limits_;
    const double elapsed_s = std::chrono::duration<double>(Clock::now() - *begin_).count();
    return elapsed_s > limits.time_s || (limits.should_stop && limits.should_stop()) ? 0 : -1;
  }
  ClpEventHandler* clone() const override { return new StopEvents(*this); }

 private:
  const LpLimits* const* limits_;
  const Clock::time_point* begin_;
  int iterations_ = 0;
};

template <typename Body>
auto guarded(const Body& body) {
  try {
    return body();
  } catch (const CoinError& error) {
    throw InternalError("CLP, " + error.className() + "::" + error.methodName() + ": " + error.message());
  }
}

class ClpEngine : public LpEngine {
 public:
  explicit ClpEngine(const std::vector<double>& right_sides) {
    guarded([&] {
      model_.setLogLevel(0);
      model_.resize(static_cast<int>(right_sides.size()), 0);
      for (int i = 0; i < model_.numberRows(); ++i) {
        model_.setRowBounds(i, right_sides[static_cast<std::size_t>(i)],
                            right_sides[static_cast<std::size_t>(i)]);
      }
      StopEvents events(&limits_, &begin_);
      model_.passInEventHandler(&events);
    });
  }

  void add_columns(const LpColumns& columns) override {
    guarded([&] {
      const std::vector<double> lower(columns.costs.size(), 0.0), upper(columns.costs.size(), COIN_DBL_MAX);
      const std::vector<CoinBigIndex> starts(columns.starts.begin(), columns.starts.end());
      model_.addColumns(columns.count(), lower.data(), upper.data(), columns.costs.data(), starts.data(),
                        columns.rows.data(), columns.coefficients.data());
    });
  }

  void remove_columns(const std::vector<int>& columns) override {
    guarded([&] { model_.deleteColumns(static_cast<int>(columns.size()), columns.data()); });
  }

  void set_open(int column, bool open) override {
    guarded([&] { model_.setColumnUpper(column, open ? COIN_DBL_MAX : 0); });
  }

  LpState solve(Method method, const LpLimits& limits) override {
    return guarded([&] {
      limits_ = &limits;
      begin_ = Clock::now();
      model_.setMaximumIterations(limits.iterations);
      if (method == Method::kPrimal) {
        model_.primal();
      } else {
        model_.dual();
      }
      limits_ = &kNone;
      if (model_.status() == 0) return LpState::kOptimal;
      return model_.status() == 3 || model_.status() == 5 ? LpState::kStopped : LpState::kFailed;
    });
  }

  double objective() const override { return model_.objectiveValue(); }
  void values(std::vector<double>& values) const override {
    values.assign(model_.primalColumnSolution(), model_.primalColumnSolution() + model_.numberColumns());
  }
  void duals(std::vector<double>& duals) const override {
    duals.assign(model_.dualRowSolution(), model_.dualRowSolution() + model_.numberRows());
  }

  std::vector<std::uint8_t> basis() const override {
    const unsigned char* const status = model_.statusArray();
    return {status, status + model_.numberRows() + model_.numberColumns()};
  }
  void set_basis(const std::vector<std::uint8_t>& basis) override {
    guarded([&] { model_.copyinStatus(basis.data()); });
  }

 private:
  inline static const LpLimits kNone = {};
  ClpSimplex model_;
  const LpLimits* limits_ = &kNone;
  Clock::time_point begin_;
};

}  // namespace

std::unique_ptr<LpEngine> make_clp_engine(const std::vector<double>& right_sides) {
  return std::make_unique<ClpEngine>(right_sides);
}

}  // namespace nmperm
