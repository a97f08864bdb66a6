#include "solvers/default_solvers.h"

#include <algorithm>

#include "core/error.h"
#include "heuristics/annealed_assignment.h"
#include "heuristics/annealing.h"
#include "heuristics/assignment.h"
#include "heuristics/channel_swap.h"
#include "heuristics/entropic_dive.h"
#include "heuristics/identity.h"
#include "heuristics/memetic.h"
#include "heuristics/random.h"
#include "heuristics/stripe_groups.h"
#include "solvers/auto.h"
#include "solvers/blp.h"
#include "solvers/bqp.h"
#include "solvers/branch_and_price.h"
#include "solvers/column_generation.h"
#include "solvers/exhaustive.h"
#include "solvers/matching.h"
#include "solvers/mda.h"
#include "solvers/setpart.h"

namespace nmperm {
namespace {

std::vector<std::unique_ptr<Solver>> all_solvers() {
  std::vector<std::unique_ptr<Solver>> solvers;
  // The portfolio: what runs when nothing is asked for.
  solvers.push_back(std::make_unique<AutoSolver>());
  // References: what a search has to beat.
  solvers.push_back(std::make_unique<IdentitySolver>());
  solvers.push_back(std::make_unique<RandomSolver>());
  // Searches that prove nothing, from the published methods to the strongest.
  solvers.push_back(std::make_unique<ChannelSwapSolver>());
  solvers.push_back(std::make_unique<StripeGroupsSolver>());
  solvers.push_back(std::make_unique<AnnealingSolver>());
  solvers.push_back(std::make_unique<AssignmentSolver>());
  solvers.push_back(std::make_unique<AnnealedAssignmentSolver>());
  solvers.push_back(std::make_unique<MemeticSolver>());
  solvers.push_back(std::make_unique<EntropicDiveSolver>());
  // Exact methods.
  solvers.push_back(std::make_unique<ExhaustiveSolver>());
  solvers.push_back(std::make_unique<MatchingSolver>());
  solvers.push_back(std::make_unique<BqpSolver>());
  solvers.push_back(std::make_unique<BlpSolver>());
  solvers.push_back(std::make_unique<MdaSolver>());
  solvers.push_back(std::make_unique<SetPartSolver>());
  solvers.push_back(std::make_unique<ColumnGenerationSolver>());
  solvers.push_back(std::make_unique<BranchAndPriceSolver>());
  return solvers;
}

bool answers_to(const Solver& solver, const std::string& name) {
  const auto& aliases = solver.info().aliases;
  return solver.info().name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end();
}

}  // namespace

const std::vector<std::unique_ptr<Solver>>& default_solvers() {
  static const auto solvers = all_solvers();
  return solvers;
}

const Solver& find_solver(const std::string& name) {
  std::vector<std::string> names;
  std::string known;
  for (const auto& solver : default_solvers()) {
    if (answers_to(*solver, name)) return *solver;
    names.push_back(solver->info().name);
    names.insert(names.end(), solver->info().aliases.begin(), solver->info().aliases.end());
    known += (known.empty() ? "" : ", ") + solver->info().name;
  }
  const std::string nearest = nearest_name(name, names);
  throw InputError("solver", {}, "unknown solver '" + name + "'",
                   nearest.empty() ? "one of " + known : "did you mean " + nearest + "? known: " + known);
}

}  // namespace nmperm
