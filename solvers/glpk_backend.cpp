// GLPK (GPL-3) as a MIP backend. Besides glpk_engine.cpp the only file that sees GLPK's header.
#include <algorithm>
#include <cfloat>
#include <chrono>
#include <climits>
#include <cmath>
#include <csetjmp>
#include <mutex>
#include <string>
#include <utility>

#include <glpk.h>

#include "solvers/backend_module.h"
#include "solvers/glpk_engine.h"

namespace nmperm {
namespace {

using Clock = std::chrono::steady_clock;

// One caller at a time, and silence. GLPK's environment is one per thread where it was built with
// thread-local storage, else one per process.
class Session {
 public:
  Session() : lock_(mutex()), terminal_(glp_term_out(GLP_OFF)) {}
  ~Session() { glp_term_out(terminal_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex mutex;
    return mutex;
  }
  std::lock_guard<std::mutex> lock_;
  int terminal_;
};

// State of one run. Everything that needs memory is allocated here beforehand: on misuse GLPK calls the error
// hook, which leaves by longjmp, and no destructor of a frame in between would run.
struct Run {
  const MixedIntegerProgram& program;
  const MipRequest& request;
  double scale;
  Clock::time_point begin = Clock::now();
  glp_prob* problem = nullptr;
  bool stopped = false;
  bool start_offered = false;
  long long nodes = 0;
  std::vector<double> values;    // of the solution being reported
  std::vector<double> start;     // as GLPK counts, from 1
  std::vector<int> column_rows;  // entries of one column, as GLPK counts
  std::vector<double> column_values;
  MipStatus status = MipStatus::kStopped;
  std::jmp_buf failed;

  Run(const MixedIntegerProgram& mip, const MipRequest& asked)
      : program(mip), request(asked), scale(asked.objective_scale) {
    values.resize(static_cast<std::size_t>(program.columns()));
    start.resize(values.size() + 1);
    if (request.start) std::copy(request.start->begin(), request.start->end(), start.begin() + 1);
    column_rows.resize(static_cast<std::size_t>(program.rows()) + 1);
    column_values.resize(column_rows.size());
  }

  double elapsed_s() const { return std::chrono::duration<double>(Clock::now() - begin).count(); }
  double remaining_s() const { return request.time_limit_s - elapsed_s(); }
  bool stop() {
    stopped = stopped || remaining_s() <= 0 || (request.should_stop && request.should_stop());
    return stopped;
  }
  double unscaled(double objective) const { return objective / scale + program.objective_constant(); }
};

// The rest of the time as GLPK takes it, at most `most_ms`.
int limit_ms(const Run& run, int most_ms) {
  return static_cast<int>(std::clamp(std::ceil(run.remaining_s() * 1000), 0.0, static_cast<double>(most_ms)));
}

void take_solution(Run& run) {
  for (int j = 0; j < run.program.columns(); ++j) {
    run.values[static_cast<std::size_t>(j)] = glp_mip_col_val(run.problem, j + 1);
  }
}

void report_solution(Run& run) {
  take_solution(run);
  if (run.request.on_incumbent) run.request.on_incumbent(run.program.objective_of(run.values), run.values);
}

void report_bound(Run& run, double bound) {
  if (std::abs(bound) < DBL_MAX / 2 && run.request.on_bound) run.request.on_bound(run.unscaled(bound));
}

void on_tree_event(glp_tree* tree, void* info) {
  Run& run = *static_cast<Run*>(info);
  switch (glp_ios_reason(tree)) {
    case GLP_IBINGO:
      report_solution(run);
      break;
    case GLP_IHEUR:
      if (!run.start_offered && run.request.start) glp_ios_heur_sol(tree, run.start.data());
      run.start_offered = true;
      break;
    case GLP_ISELECT:
      if (const int best = glp_ios_best_node(tree); best != 0)
        report_bound(run, glp_ios_node_bound(tree, best));
      if (++run.nodes > run.request.node_limit) run.stopped = true;
      break;
    default:
      break;
  }
  if (run.stop()) glp_ios_terminate(tree);
}

void set_bounds(glp_prob* problem, void (*set)(glp_prob*, int, int, double, double), int index, double lower,
                double upper) {
  const bool has_lower = lower > -kInfinity, has_upper = upper < kInfinity;
  const int type = has_lower && has_upper ? (lower < upper ? GLP_DB : GLP_FX)
                   : has_lower            ? GLP_LO
                   : has_upper            ? GLP_UP
                                          : GLP_FR;
  set(problem, index, type, has_lower ? lower : 0, has_upper ? upper : 0);
}

void load(Run& run) {
  const MixedIntegerProgram& program = run.program;
  glp_prob* const problem = run.problem;
  glp_set_obj_dir(problem, program.sense() == MixedIntegerProgram::Sense::kMinimize ? GLP_MIN : GLP_MAX);
  if (program.rows() > 0) glp_add_rows(problem, program.rows());
  if (program.columns() > 0) glp_add_cols(problem, program.columns());
  for (int r = 0; r < program.rows(); ++r) {
    const auto row = static_cast<std::size_t>(r);
    set_bounds(problem, glp_set_row_bnds, r + 1, program.row_lower()[row], program.row_upper()[row]);
  }
  for (int j = 0; j < program.columns(); ++j) {
    const auto column = static_cast<std::size_t>(j);
    glp_set_col_kind(problem, j + 1, program.is_integer(j) ? GLP_IV : GLP_CV);
    set_bounds(problem, glp_set_col_bnds, j + 1, program.column_lower()[column],
               program.column_upper()[column]);
    glp_set_obj_coef(problem, j + 1, run.scale * program.objective()[column]);
    const std::size_t begin = program.column_start(j), entries = program.column_start(j + 1) - begin;
    for (std::size_t e = 0; e < entries; ++e) {
      run.column_rows[e + 1] = program.entry_rows()[begin + e] + 1;
      run.column_values[e + 1] = program.coefficients()[begin + e];
    }
    glp_set_mat_col(problem, j + 1, static_cast<int>(entries), run.column_rows.data(),
                    run.column_values.data());
  }
}

// The root LP, in slices: GLPK's simplex method has no callback, but continues where it was cut short. Slices
// are counted in iterations, so that a run can be repeated, and grow, because each one begins with work that
// grows with the program.
MipStatus solve_root(Run& run) {
  glp_smcp simplex;
  glp_init_smcp(&simplex);
  simplex.msg_lev = GLP_MSG_OFF;
  simplex.meth = GLP_DUALP;  // nonnegative costs make the slack basis dual feasible
  simplex.tol_bnd = 1e-8;
  simplex.tol_dj = 1e-8;
  int failure = GLP_EITLIM;
  while (failure == GLP_EITLIM && !run.stop()) {
    simplex.it_lim = 50 + glp_get_it_cnt(run.problem) / 8;
    simplex.tm_lim = limit_ms(run, INT_MAX);
    failure = glp_simplex(run.problem, &simplex);
  }
  if (failure != 0) return MipStatus::kStopped;
  switch (glp_get_status(run.problem)) {
    case GLP_OPT:
      return MipStatus::kOptimal;
    case GLP_NOFEAS:
      return MipStatus::kInfeasible;
    case GLP_UNBND:
      return MipStatus::kUnbounded;
    default:
      return MipStatus::kStopped;
  }
}

MipStatus search_tree(Run& run) {
  glp_iocp tree;
  glp_init_iocp(&tree);
  tree.msg_lev = GLP_MSG_OFF;
  tree.tol_int = 1e-6;
  tree.tol_obj = 1e-9;
  tree.mip_gap = 0;
  tree.cb_func = on_tree_event;
  tree.cb_info = &run;
  tree.tm_lim = limit_ms(run, INT_MAX);
  const int failure = glp_intopt(run.problem, &tree);
  if (failure != 0 || run.stopped) return MipStatus::kStopped;
  switch (glp_mip_status(run.problem)) {
    case GLP_OPT:
      return MipStatus::kOptimal;
    case GLP_NOFEAS:
      return MipStatus::kInfeasible;
    default:
      return MipStatus::kStopped;
  }
}

void relax_root(Run& run) {
  run.problem = glp_create_prob();
  load(run);
  run.status = solve_root(run);
}

void search(Run& run) {
  relax_root(run);
  if (run.status != MipStatus::kOptimal) return;
  report_bound(run, glp_get_obj_val(run.problem));
  run.status = search_tree(run);
}

void on_error(void* info) {
  std::longjmp(static_cast<Run*>(info)->failed, 1);
}

// False where GLPK found itself misused; its environment, and the problem in it, are then gone.
bool run_guarded(void (*work)(Run&), Run& run) {
  if (setjmp(run.failed) != 0) {
    glp_free_env();
    run.problem = nullptr;
    return false;
  }
  glp_error_hook(on_error, &run);
  work(run);
  glp_error_hook(nullptr, nullptr);
  return true;
}

constexpr const char* kRefused = "GLPK refused the program or ran out of memory";

class GlpkBackend : public MipBackend {
 public:
  std::string description() const override { return std::string("GLPK ") + glp_version(); }

  std::unique_ptr<LpEngine> lp_engine(const std::vector<double>& right_sides) const override {
    return make_glpk_engine(right_sides);
  }

  LpOutcome relax(const MixedIntegerProgram& program, const MipRequest& request) const override {
    const Session session;
    Run run(program, request);
    if (!run_guarded(relax_root, run)) return {MipStatus::kFailed, {}, kRefused};
    LpOutcome outcome{run.status, {}, {}};
    for (int r = 1; r <= program.rows(); ++r) {
      outcome.row_duals.push_back(glp_get_row_dual(run.problem, r) / run.scale);
    }
    glp_delete_prob(run.problem);
    return outcome;
  }

  MipOutcome solve(const MixedIntegerProgram& program, const MipRequest& request) const override {
    const Session session;
    Run run(program, request);
    if (!run_guarded(search, run)) return {MipStatus::kFailed, {}, 0, {}, kRefused};
    MipOutcome outcome;
    outcome.status = run.status;
    if (const int status = glp_mip_status(run.problem); status == GLP_OPT || status == GLP_FEAS) {
      take_solution(run);
      outcome.values = std::move(run.values);
      outcome.objective = program.objective_of(outcome.values);
    }
    if (run.status == MipStatus::kOptimal) outcome.bound = outcome.objective;
    glp_delete_prob(run.problem);
    return outcome;
  }
};

}  // namespace
}  // namespace nmperm

NMPERM_BACKEND_MODULE(nmperm::GlpkBackend);
