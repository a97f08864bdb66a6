#include "instances/submission.h"

#include <utility>

#include "instances/json_members.h"
#include "io/json.h"

namespace nmperm {
namespace {

constexpr char kFormat[] = "nmperm-permutation";
constexpr char kKind[] = "permutation or solution";
constexpr int kVersion = 1;

Solution solution_of(const JsonValue& root, const std::string& path, const Library& library) {
  require_format(root, kFormat, kVersion, kKind);
  const LibraryInstance& instance = library.find(root.at("instance").text());
  Result result;
  result.solver = root.at("solver").text();
  if (result.solver.empty()) root.at("solver").fail("names nobody", "the program that found the permutation");
  result.permutation = integers(root.at("permutation"), 0);
  const Problem problem = library.problem(instance);
  validate_permutation(result.permutation, problem.segments(), path);
  result.magnitude = problem.evaluate(result.permutation);
  return make_solution("library:" + instance.name, problem, std::move(result));
}

}  // namespace

Solution read_submission(const std::string& path, const Library& library) {
  const auto file = open_file(path);
  const nlohmann::json document = parse_json(json_text(*file, kMaxSolutionBytes, kKind), path);
  const JsonValue root(document, path);
  return root.at("format").text() == kFormat ? solution_of(root, path, library) : parse_solution(*file);
}

}  // namespace nmperm
