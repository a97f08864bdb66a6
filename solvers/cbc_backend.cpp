// CBC (COIN-OR branch and cut, EPL-2) as a MIP backend. Besides clp_engine.cpp the only file that sees
// COIN-OR headers.
//
// Uses CbcModel::branchAndBound(), not CbcMain, which would install a SIGINT handler.
#include <algorithm>
#include <chrono>
#include <climits>
#include <cmath>
#include <exception>

#include <CbcConfig.h>
#include <CbcEventHandler.hpp>
#include <CbcModel.hpp>
#include <ClpConfig.h>
#include <ClpEventHandler.hpp>
#include <ClpSimplex.hpp>
#include <CoinError.hpp>
#include <CoinFinite.hpp>
#include <CoinPackedMatrix.hpp>
#include <OsiClpSolverInterface.hpp>

#include "solvers/backend_module.h"
#include "solvers/clp_engine.h"

namespace nmperm {
namespace {

using Clock = std::chrono::steady_clock;

// State of one run, shared by the event handlers, which CBC clones at will.
struct Run {
  const MixedIntegerProgram& program;
  const MipRequest& request;
  double scale;  // negative where the program maximises: CBC is always asked to minimise
  Clock::time_point begin = Clock::now();
  // Once true, nothing that CBC concludes is a proof: a node whose LP was cut short looks infeasible to it.
  bool stopped = false;

  Run(const MixedIntegerProgram& mip, const MipRequest& asked)
      : program(mip),
        request(asked),
        scale(mip.sense() == MixedIntegerProgram::Sense::kMinimize ? asked.objective_scale
                                                                   : -asked.objective_scale) {}

  double unscaled(double objective) const { return objective / scale + program.objective_constant(); }

  bool stop() {
    if (stopped) return true;
    const double elapsed_s = std::chrono::duration<double>(Clock::now() - begin).count();
    stopped = elapsed_s >= request.time_limit_s || (request.should_stop && request.should_stop());
    return stopped;
  }
};

// Stops the simplex method.
class LpEvents : public ClpEventHandler {
 public:
  explicit LpEvents(Run& run) : run_(run) {}
  int event(Event which) override {
    if (which != endOfIteration && which != endOfFactorization) return -1;
    // Reading the clock at every iteration of a small LP would take as long as the LP.
    constexpr int kIterationsPerLook = 16;
    if (which == endOfIteration && ++iterations_ % kIterationsPerLook != 0) return -1;
    return run_.stop() ? 0 : -1;
  }
  ClpEventHandler* clone() const override { return new LpEvents(*this); }

 private:
  Run& run_;
  int iterations_ = 0;
};

// Passes on solutions and bounds, and stops the tree search.
class TreeEvents : public CbcEventHandler {
 public:
  explicit TreeEvents(Run& run) : run_(run) {}
  CbcAction event(CbcEvent which) override {
    if (which == solution || which == heuristicSolution) report_solution();
    // Only here are all open nodes in the tree; elsewhere one may be in hand and the bound too good.
    if (which == treeStatus) report_bound();
    return run_.stop() ? stop : noAction;
  }
  CbcEventHandler* clone() const override { return new TreeEvents(*this); }

 private:
  void report_solution() const {
    const double* const best = model_->bestSolution();
    if (best == nullptr || !run_.request.on_incumbent || model_->getNumCols() != run_.program.columns())
      return;
    const std::vector<double> values(best, best + model_->getNumCols());
    run_.request.on_incumbent(run_.program.objective_of(values), values);
  }
  void report_bound() const {
    if (run_.stopped || !run_.request.on_bound) return;
    const double bound = model_->getBestPossibleObjValue();
    if (std::abs(bound) < COIN_DBL_MAX / 2) run_.request.on_bound(run_.unscaled(bound));
  }

  Run& run_;
};

double coin_bound(double value) {
  return value >= kInfinity ? COIN_DBL_MAX : value <= -kInfinity ? -COIN_DBL_MAX : value;
}

void load(const MixedIntegerProgram& program, double scale, OsiClpSolverInterface& lp) {
  std::vector<CoinBigIndex> starts;
  std::vector<double> lower, upper, cost, row_lower, row_upper;
  for (int j = 0; j < program.columns(); ++j) {
    const auto column = static_cast<std::size_t>(j);
    starts.push_back(static_cast<CoinBigIndex>(program.column_start(j)));
    lower.push_back(coin_bound(program.column_lower()[column]));
    upper.push_back(coin_bound(program.column_upper()[column]));
    cost.push_back(scale * program.objective()[column]);
  }
  starts.push_back(static_cast<CoinBigIndex>(program.entries()));
  for (const double bound : program.row_lower()) row_lower.push_back(coin_bound(bound));
  for (const double bound : program.row_upper()) row_upper.push_back(coin_bound(bound));
  lp.loadProblem(program.columns(), program.rows(), starts.data(), program.entry_rows().data(),
                 program.coefficients().data(), lower.data(), upper.data(), cost.data(), row_lower.data(),
                 row_upper.data());
  for (int j = 0; j < program.columns(); ++j) {
    if (program.is_integer(j)) lp.setInteger(j);
  }
}

void configure(CbcModel& model, const MipRequest& request) {
  model.setLogLevel(0);
  model.solver()->messageHandler()->setLogLevel(0);
  model.setUseElapsedTime(true);
  if (request.time_limit_s < 1e9) model.setMaximumSeconds(request.time_limit_s);
  model.setMaximumNodes(static_cast<int>(std::min<long long>(request.node_limit, INT_MAX)));
  // No gap: proofs are to be proofs. The cutoff increment is relative to scaled costs of about 1000.
  model.setAllowableGap(0);
  model.setAllowableFractionGap(0);
  model.setCutoffIncrement(1e-6);
}

MipStatus status_of(const CbcModel& model, const Run& run) {
  if (run.stopped || model.status() != 0) return MipStatus::kStopped;
  if (model.isContinuousUnbounded()) return MipStatus::kUnbounded;
  if (model.isProvenOptimal()) return MipStatus::kOptimal;
  return model.isProvenInfeasible() ? MipStatus::kInfeasible : MipStatus::kStopped;
}

// The relaxation, before CBC's own preparations, which nothing can interrupt. The dual simplex method,
// because nonnegative costs make the slack basis dual feasible; sprint would suit many columns, but prints.
MipStatus solve_root(Run& run, OsiClpSolverInterface& lp) {
  lp.messageHandler()->setLogLevel(0);
  load(run.program, run.scale, lp);
  LpEvents lp_events(run);
  lp.getModelPtr()->passInEventHandler(&lp_events);
  ClpSolve options;
  constexpr int kInterrupts = 2, kNoSignalHandler = 16;
  options.setSpecialOption(kInterrupts, kNoSignalHandler);
  options.setPresolveType(ClpSolve::presolveOff);
  options.setSolveType(ClpSolve::useDual);
  lp.setSolveOptions(options);
  if (run.stop()) return MipStatus::kStopped;
  lp.initialSolve();
  if (run.stop()) return MipStatus::kStopped;
  if (lp.isProvenOptimal()) return MipStatus::kOptimal;
  if (lp.isProvenPrimalInfeasible()) return MipStatus::kInfeasible;
  return lp.isProvenDualInfeasible() ? MipStatus::kUnbounded : MipStatus::kStopped;
}

std::vector<double> duals(const Run& run, const OsiClpSolverInterface& lp) {
  std::vector<double> duals(lp.getRowPrice(), lp.getRowPrice() + lp.getNumRows());
  for (double& dual : duals) dual /= run.scale;
  return duals;
}

std::string text(const CoinError& error) {
  return "CBC: " + error.methodName() + ": " + error.message();
}

class CbcBackend : public MipBackend {
 public:
  std::string description() const override { return "CBC " CBC_VERSION " with CLP " CLP_VERSION; }

  std::unique_ptr<LpEngine> lp_engine(const std::vector<double>& right_sides) const override {
    return make_clp_engine(right_sides);
  }

  LpOutcome relax(const MixedIntegerProgram& program, const MipRequest& request) const override {
    try {
      Run run(program, request);
      OsiClpSolverInterface lp;
      return {solve_root(run, lp), duals(run, lp), {}};
    } catch (const CoinError& error) {
      return {MipStatus::kFailed, {}, text(error)};
    }
  }

  MipOutcome solve(const MixedIntegerProgram& program, const MipRequest& request) const override {
    try {
      return search(program, request);
    } catch (const CoinError& error) {
      return {MipStatus::kFailed, {}, 0, {}, text(error)};
    }
  }

 private:
  static MipOutcome search(const MixedIntegerProgram& program, const MipRequest& request) {
    Run run(program, request);
    OsiClpSolverInterface lp;
    MipOutcome outcome;
    outcome.status = solve_root(run, lp);
    if (outcome.status != MipStatus::kOptimal) return outcome;
    if (request.on_bound) request.on_bound(run.unscaled(lp.getObjValue()));
    CbcModel model(lp);
    configure(model, request);
    TreeEvents tree_events(run);
    model.passInEventHandler(&tree_events);
    if (request.start) {
      const double objective =
          run.scale * (program.objective_of(*request.start) - program.objective_constant());
      model.setBestSolution(request.start->data(), program.columns(), objective);
    }
    model.branchAndBound();
    outcome.status = status_of(model, run);
    if (const double* const best = model.bestSolution(); best != nullptr) {
      outcome.values.assign(best, best + program.columns());
      outcome.objective = program.objective_of(outcome.values);
      if (outcome.status == MipStatus::kOptimal) outcome.bound = outcome.objective;
    }
    return outcome;
  }
};

}  // namespace
}  // namespace nmperm

NMPERM_BACKEND_MODULE(nmperm::CbcBackend);
