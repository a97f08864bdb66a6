/* The C library finds the backend modules that were installed with it. */
#include <nmperm.h>
#include <stdio.h>

int main(void) {
  float scores[4 * 8];
  for (int i = 0; i < 4 * 8; ++i) scores[i] = (float)(i * 11 % 7);
  const nmperm_matrix matrix = {scores, 4, 8, 8, 1};
  nmperm_problem* problem = NULL;
  nmperm_options* options = NULL;
  nmperm_result* result = NULL;
  int code = nmperm_problem_create(&matrix, NMPERM_SCORES, 2, 4, NULL, 0, &problem);
  if (code == NMPERM_OK) code = nmperm_options_create(&options);
  if (code == NMPERM_OK) code = nmperm_options_set_solver(options, "setpart");
  if (code == NMPERM_OK) code = nmperm_options_set(options, "backend", "cbc");
  if (code == NMPERM_OK) code = nmperm_solve(problem, options, &result);
  if (code == NMPERM_OK) printf("setpart through cbc: status %d\n", nmperm_result_status(result));
  if (code != NMPERM_OK) fprintf(stderr, "%s\n", nmperm_last_error());
  nmperm_result_free(result);
  nmperm_options_free(options);
  nmperm_problem_free(problem);
  return code;
}
