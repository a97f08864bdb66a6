#include "instances/solution.h"

#include <utility>

#include "instances/fingerprint.h"
#include "instances/identity.h"
#include "io/atomic_file.h"

namespace nmperm {
namespace {

constexpr char kKind[] = "solution";

InstanceIdentity identity_of(const Solution& solution) {
  return {solution.instance_name, solution.rows,    solution.columns,
          solution.sha256,        solution.pattern, solution.segments};
}

}  // namespace

Solution make_solution(std::string instance_name, const Problem& problem, Result result) {
  Solution solution{std::move(instance_name),
                    problem.rows(),
                    problem.columns(),
                    fingerprint(problem.scores()),
                    problem.pattern(),
                    problem.segments(),
                    result.magnitude.efficacy(),
                    "magnitude",
                    {},
                    {},
                    {}};
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
  require_same_scores(identity_of(solution), scores, subject, kKind);
}

void require_same_instance(const Solution& solution, const Problem& problem, const std::string& subject) {
  require_same_instance(identity_of(solution), problem, subject, kKind);
}

Permutation read_start(const std::string& path, const Problem& problem) {
  Solution solution = read_solution(path);
  require_same_instance(solution, problem, path);
  return std::move(solution.result.permutation);
}

}  // namespace nmperm
