#include "solvers/glpk_engine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csetjmp>

#include <glpk.h>

#include "core/error.h"

namespace nmperm {
namespace {

using Clock = std::chrono::steady_clock;

// On misuse GLPK calls the error hook, which leaves by longjmp; no destructor of a frame in between runs, so
// what calls GLPK holds nothing that needs one.
void leave(void* where) {
  std::longjmp(*static_cast<std::jmp_buf*>(where), 1);
}

class GlpkEngine : public LpEngine {
 public:
  explicit GlpkEngine(const std::vector<double>& right_sides) {
    const int terminal = glp_term_out(GLP_OFF);
    problem_ = glp_create_prob();
    glp_set_obj_dir(problem_, GLP_MIN);
    glp_add_rows(problem_, static_cast<int>(right_sides.size()));
    for (int i = 1; i <= static_cast<int>(right_sides.size()); ++i) {
      glp_set_row_bnds(problem_, i, GLP_FX, right_sides[static_cast<std::size_t>(i - 1)], 0);
    }
    glp_term_out(terminal);
  }
  ~GlpkEngine() override { glp_delete_prob(problem_); }
  GlpkEngine(const GlpkEngine&) = delete;
  GlpkEngine& operator=(const GlpkEngine&) = delete;

  void add_columns(const LpColumns& columns) override {
    if (columns.count() == 0) return;  // GLPK calls it misuse
    const int first = glp_add_cols(problem_, columns.count());
    std::vector<int> rows;
    std::vector<double> coefficients;
    for (int j = 0; j < columns.count(); ++j) {
      const auto at = static_cast<std::size_t>(j);
      rows.assign(1, 0);  // GLPK counts from 1
      coefficients.assign(1, 0);
      for (int k = columns.starts[at]; k < columns.starts[at + 1]; ++k) {
        rows.push_back(columns.rows[static_cast<std::size_t>(k)] + 1);
        coefficients.push_back(columns.coefficients[static_cast<std::size_t>(k)]);
      }
      glp_set_mat_col(problem_, first + j, static_cast<int>(rows.size()) - 1, rows.data(),
                      coefficients.data());
      glp_set_obj_coef(problem_, first + j, columns.costs[at]);
      glp_set_col_bnds(problem_, first + j, GLP_LO, 0, 0);
      glp_set_col_stat(problem_, first + j, GLP_NL);
    }
  }

  void remove_columns(const std::vector<int>& columns) override {
    if (columns.empty()) return;
    std::vector<int> numbers = {0};
    for (const int j : columns) numbers.push_back(j + 1);
    glp_del_cols(problem_, static_cast<int>(columns.size()), numbers.data());
  }

  void set_open(int column, bool open) override {
    glp_set_col_bnds(problem_, column + 1, open ? GLP_LO : GLP_FX, 0, 0);
  }

  LpState solve(Method method, const LpLimits& limits) override {
    const Clock::time_point begin = Clock::now();
    int iterations_left = limits.iterations;
    for (;;) {
      const double left_s = limits.time_s - std::chrono::duration<double>(Clock::now() - begin).count();
      if (left_s <= 0 || iterations_left <= 0 || (limits.should_stop && limits.should_stop()))
        return LpState::kStopped;
      const int before = glp_get_it_cnt(problem_);
      const int code = slice(method, std::min(left_s, kSlice_s), iterations_left);
      iterations_left -= std::max(1, glp_get_it_cnt(problem_) - before);
      if (code == 0) return glp_get_status(problem_) == GLP_OPT ? LpState::kOptimal : LpState::kFailed;
      if (code != GLP_ETMLIM && code != GLP_EITLIM) return LpState::kFailed;
    }
  }

  double objective() const override { return glp_get_obj_val(problem_); }
  void values(std::vector<double>& values) const override {
    values.clear();
    for (int j = 1; j <= glp_get_num_cols(problem_); ++j) values.push_back(glp_get_col_prim(problem_, j));
  }
  void duals(std::vector<double>& duals) const override {
    duals.clear();
    for (int i = 1; i <= glp_get_num_rows(problem_); ++i) duals.push_back(glp_get_row_dual(problem_, i));
  }

  std::vector<std::uint8_t> basis() const override {
    std::vector<std::uint8_t> basis;
    for (int i = 1; i <= glp_get_num_rows(problem_); ++i) {
      basis.push_back(static_cast<std::uint8_t>(glp_get_row_stat(problem_, i)));
    }
    for (int j = 1; j <= glp_get_num_cols(problem_); ++j) {
      basis.push_back(static_cast<std::uint8_t>(glp_get_col_stat(problem_, j)));
    }
    return basis;
  }
  void set_basis(const std::vector<std::uint8_t>& basis) override {
    const int rows = glp_get_num_rows(problem_);
    for (int i = 1; i <= rows; ++i) glp_set_row_stat(problem_, i, basis[static_cast<std::size_t>(i - 1)]);
    for (int j = 1; j <= glp_get_num_cols(problem_); ++j) {
      glp_set_col_stat(problem_, j, basis[static_cast<std::size_t>(rows + j - 1)]);
    }
  }

 private:
  // GLPK's simplex method asks nobody whether to go on: it runs for so long at a time.
  static constexpr double kSlice_s = 0.05;

  int slice(Method method, double seconds, int iterations) {
    std::jmp_buf failed;
    const int terminal = glp_term_out(GLP_OFF);
    if (setjmp(failed) != 0) {
      glp_error_hook(nullptr, nullptr);
      glp_term_out(terminal);
      throw InternalError("GLPK reports misuse of its simplex method");
    }
    glp_error_hook(leave, &failed);
    glp_smcp parameters;
    glp_init_smcp(&parameters);
    parameters.msg_lev = GLP_MSG_OFF;
    parameters.meth = method == Method::kPrimal ? GLP_PRIMAL : GLP_DUALP;
    parameters.tm_lim = std::max(1, static_cast<int>(std::ceil(seconds * 1000)));
    parameters.it_lim = iterations;
    int code = glp_simplex(problem_, &parameters);
    if (code == GLP_EBADB || code == GLP_ESING || code == GLP_ECOND) {  // closed columns can spoil a basis
      glp_std_basis(problem_);
      code = glp_simplex(problem_, &parameters);
    }
    glp_error_hook(nullptr, nullptr);
    glp_term_out(terminal);
    return code;
  }

  glp_prob* problem_;
};

}  // namespace

std::unique_ptr<LpEngine> make_glpk_engine(const std::vector<double>& right_sides) {
  return std::make_unique<GlpkEngine>(right_sides);
}

}  // namespace nmperm
