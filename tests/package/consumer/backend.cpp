// A backend module is found from a program that is not installed beside it.
#include <cstdio>

#include "core/problem.h"
#include "solvers/default_solvers.h"

int main() {
  nmperm::ScoreMatrix scores(4, 8);
  for (int c = 0; c < 8; ++c) {
    for (int r = 0; r < 4; ++r) scores.at(r, c) = static_cast<float>((r * 5 + c * 3) % 7);
  }
  const nmperm::Problem problem(std::move(scores));
  nmperm::SolveParameters parameters;
  parameters.options["backend"] = "cbc";
  const nmperm::Result result = nmperm::find_solver("setpart").solve(problem, parameters);
  std::printf("setpart through cbc: %s\n", nmperm::to_string(result.status));
  return 0;
}
