/* The C interface from C11: from a strided matrix to permutation, figures and mask, and every kind of error.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nmperm.h"

static int failures = 0;

static void expect(int holds, const char* what, int line) {
  if (holds) return;
  fprintf(stderr, "c_program.c:%d: %s (last error: %s)\n", line, what, nmperm_last_error());
  ++failures;
}
#define EXPECT(condition) expect((condition) != 0, #condition, __LINE__)

typedef struct {
  int calls;
  double last_kept;
} Trace;

static int record(const nmperm_progress* progress, void* user) {
  Trace* const trace = user;
  ++trace->calls;
  EXPECT(progress->kept >= trace->last_kept);
  EXPECT(progress->source != NULL && progress->seconds >= 0);
  trace->last_kept = progress->kept;
  return 0;
}

/* One row, 8 columns, the heavy ones side by side: the identity keeps 2 of 4, the best permutation all 4. */
static void solve_with_options(void) {
  const float scores[8] = {4, 3, 2, 1, 0, 0, 0, 0};
  const nmperm_matrix matrix = {scores, 1, 8, 8, 1};
  const int32_t start[8] = {0, 1, 2, 4, 3, 5, 6, 7};
  nmperm_problem* problem = NULL;
  nmperm_options* options = NULL;
  nmperm_result* result = NULL;
  Trace trace = {0, 0};

  EXPECT(nmperm_problem_create(&matrix, NMPERM_SCORES, 2, 4, NULL, 0, &problem) == NMPERM_OK);
  EXPECT(nmperm_options_create(&options) == NMPERM_OK);
  EXPECT(nmperm_options_set_solver(options, "exhaustive") == NMPERM_OK);
  EXPECT(nmperm_options_set_seed(options, 7) == NMPERM_OK);
  EXPECT(nmperm_options_set_threads(options, 1) == NMPERM_OK);
  EXPECT(nmperm_options_set_gap_limit(options, 0) == NMPERM_OK);
  EXPECT(nmperm_options_set_time_limit(options, INFINITY) == NMPERM_OK);
  EXPECT(nmperm_options_set_start(options, start, 8) == NMPERM_OK);
  EXPECT(nmperm_options_set_progress(options, record, &trace) == NMPERM_OK);
  EXPECT(nmperm_solve(problem, options, &result) == NMPERM_OK);

  EXPECT(nmperm_result_status(result) == NMPERM_STATUS_OPTIMAL);
  EXPECT(nmperm_result_columns(result) == 8);
  EXPECT(nmperm_result_figure(result, NMPERM_TOTAL) == 10);
  EXPECT(nmperm_result_figure(result, NMPERM_DEFAULT) == 7);
  EXPECT(nmperm_result_figure(result, NMPERM_KEPT) == 10);
  EXPECT(nmperm_result_figure(result, NMPERM_BOUND) == 10);
  EXPECT(nmperm_result_figure(result, NMPERM_GAP) == 0);
  EXPECT(nmperm_result_figure(result, NMPERM_EFFICACY) == 100);
  EXPECT(isnan(nmperm_result_figure(result, 1000)));
  EXPECT(strcmp(nmperm_result_solver(result), "exhaustive") == 0);
  EXPECT(nmperm_result_bound_method(result) != NULL);
  EXPECT(trace.calls > 0 && trace.last_kept == 10);

  const int32_t* const permutation = nmperm_result_permutation(result);
  double kept = 0;
  EXPECT(nmperm_kept(problem, permutation, 8, &kept) == NMPERM_OK && kept == 10);
  EXPECT(nmperm_check(problem, permutation, 8, 10) == NMPERM_OK);
  EXPECT(nmperm_check(problem, permutation, 8, 10.5) == NMPERM_ERROR_CHECK);
  EXPECT(strstr(nmperm_last_error(), "10.5") != NULL);

  uint8_t mask[8];
  EXPECT(nmperm_mask(problem, permutation, 8, NMPERM_ORIGINAL_ORDER, mask, sizeof mask) == NMPERM_OK);
  for (int c = 0; c < 4; ++c) EXPECT(mask[c] == 1);

  nmperm_result_free(result);
  nmperm_options_free(options);
  nmperm_problem_free(problem);
}

static void errors_have_code_and_message(void) {
  const float scores[4] = {1, 2, -3, 4};
  const nmperm_matrix matrix = {scores, 1, 4, 4, 1};
  nmperm_problem* problem = NULL;
  EXPECT(nmperm_problem_create(&matrix, NMPERM_SCORES, 2, 4, NULL, 0, &problem) == NMPERM_ERROR_INPUT);
  EXPECT(problem == NULL);
  EXPECT(strstr(nmperm_last_error(), "column 2") != NULL);
  EXPECT(strchr(nmperm_last_error(), '\n') == NULL);
}

int main(void) {
  EXPECT(nmperm_interface_version() == NMPERM_INTERFACE_VERSION);
  EXPECT(strlen(nmperm_version()) > 0);
  EXPECT(strcmp(nmperm_last_error(), "") == 0);
  EXPECT(nmperm_solver_count() > 0 && strcmp(nmperm_solver_name(0), "auto") == 0);
  EXPECT(nmperm_solver_name(nmperm_solver_count()) == NULL);
  solve_with_options();
  errors_have_code_and_message();
  return failures == 0 ? 0 : 1;
}
