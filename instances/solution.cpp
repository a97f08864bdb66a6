#include "instances/solution.h"

#include <utility>

#include "core/error.h"
#include "instances/fingerprint.h"
#include "io/atomic_file.h"

namespace nmperm {

Solution make_solution(std::string instance_name, const Problem& problem, Result result) {
  Solution solution{std::move(instance_name),    problem.rows(),
                    problem.columns(),           fingerprint(problem.scores()),
                    problem.pattern(),           problem.segments(),
                    result.magnitude.efficacy(), {}};
  solution.result = std::move(result);
  return solution;
}

void write_solution(const std::string& path, const Solution& solution) {
  write_file(path, to_json(solution));
}

Solution read_solution(const std::string& path) {
  return parse_solution(*open_file(path));
}

void require_same_scores(const Solution& solution, const ScoreMatrix& scores, const std::string& subject) {
  const auto shape = [](int rows, int columns) {
    return std::to_string(rows) + " x " + std::to_string(columns);
  };
  if (solution.rows != scores.rows() || solution.columns != scores.columns()) {
    throw InputError(subject, "instance",
                     "solution of another instance (" + solution.instance_name + ", " +
                         shape(solution.rows, solution.columns) + ")",
                     shape(scores.rows(), scores.columns()));
  }
  if (const std::string sha256 = fingerprint(scores); solution.sha256 != sha256) {
    throw InputError(
        subject, "instance.sha256",
        "solution of another instance (" + solution.instance_name + ", scores " + solution.sha256 + ")",
        sha256);
  }
}

void require_same_instance(const Solution& solution, const Problem& problem, const std::string& subject) {
  require_same_scores(solution, problem.scores(), subject);
  if (!(solution.pattern == problem.pattern())) {
    throw InputError(subject, "pattern", "solution for pattern " + solution.pattern.str(),
                     problem.pattern().str());
  }
  if (!(solution.segments == problem.segments())) {
    const auto list = [](const Segments& segments) {
      constexpr int kShown = 8;
      std::string text;
      for (int s = 0; s < segments.count() && s < kShown; ++s) {
        text += (s == 0 ? "" : ",") + std::to_string(segments.length(s));
      }
      return text + (segments.count() > kShown ? ",..." : "");
    };
    throw InputError(subject, "segments", "solution for segments " + list(solution.segments),
                     list(problem.segments()));
  }
}

Permutation read_start(const std::string& path, const Problem& problem) {
  Solution solution = read_solution(path);
  require_same_instance(solution, problem, path);
  return std::move(solution.result.permutation);
}

}  // namespace nmperm
