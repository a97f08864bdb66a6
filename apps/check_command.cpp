// `nmperm check`: does a solution say the truth about itself?
#include <algorithm>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "core/error.h"
#include "core/problem.h"
#include "instances/check_solution.h"
#include "instances/load.h"
#include "instances/solution.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Recomputes every figure of a solution with the scalar oracle alone";

constexpr const char* kFooter =
    R"(Exit code 0 when all figures hold, 4 when one is wrong, 2 when the file is no solution of
this instance (other scores, no permutation, not a solution file).

Example:
  nmperm check weights.npy solution.json)";

struct CheckOptions {
  std::string instance, solution;
};

struct Figure {
  std::string place, stated, recomputed;
};

std::string text_of(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "null";
}

/// All figures of the file beside what the permutation yields.
std::vector<Figure> figures(const Problem& problem, const Solution& solution) {
  const Result& stated = solution.result;
  const Magnitude truth = problem.evaluate(stated.permutation);
  std::vector<Figure> figures = {
      {"magnitude.total", text_of(stated.magnitude.total), text_of(truth.total)},
      {"magnitude.default", text_of(stated.magnitude.default_kept), text_of(truth.default_kept)},
      {"magnitude.row_bound", text_of(stated.magnitude.row_bound), text_of(truth.row_bound)},
      {"magnitude.kept", text_of(stated.magnitude.kept), text_of(truth.kept)},
      {"efficacy", text_of(solution.efficacy), text_of(truth.efficacy())},
  };
  if (stated.bound) {
    figures.push_back(
        {"bound.kept", text_of(stated.bound->kept), "(a claim of " + stated.bound->method + ")"});
    figures.push_back({"gap", text_of(stated.gap), text_of(truth.gap(stated.bound->kept))});
  } else {
    figures.push_back({"gap", text_of(stated.gap), "null"});
  }
  figures.push_back({"status", to_string(stated.status), "(of the run)"});
  return figures;
}

void print_table(const std::vector<Figure>& figures, std::vector<Discrepancy> wrong) {
  const auto line = [](const std::string& place, const std::string& stated, const std::string& recomputed,
                       const std::string& verdict) {
    fmt::print("{:<20} {:>24} {:>24}  {}\n", place, stated, recomputed, verdict);
  };
  line("figure", "stated", "recomputed", "verdict");
  for (const Figure& figure : figures) {
    const auto found =
        std::find_if(wrong.begin(), wrong.end(), [&](const auto& w) { return w.place == figure.place; });
    line(figure.place, figure.stated, figure.recomputed,
         found == wrong.end() ? "ok" : "WRONG, expected " + found->expected);
    if (found != wrong.end()) wrong.erase(found);
  }
  for (const Discrepancy& rest : wrong)
    line(rest.place, rest.recorded, "", "WRONG, expected " + rest.expected);
}

int run(const CheckOptions& options) {
  const Solution solution = read_solution(options.solution);
  Instance instance = load_instance(options.instance);
  require_same_scores(solution, instance.scores, options.solution);
  const Problem problem(std::move(instance.scores), solution.pattern, solution.segments);
  const std::vector<Discrepancy> wrong = check_solution(problem, solution);
  print_table(figures(problem, solution), wrong);
  if (wrong.empty()) return kExitDone;
  throw CheckError(options.solution, wrong.front().place, wrong.front().recorded, wrong.front().expected);
}

}  // namespace

Command add_check_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("check", kDescription);
  const auto options = std::make_shared<CheckOptions>();
  add_instance_argument(*command, options->instance);
  command->add_option("SOLUTION", options->solution, "the solution file")->required()->type_name("");
  command->footer(kFooter);
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
