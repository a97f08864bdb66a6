#include "solvers/formulation_solver.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "formulations/setpart.h"
#include "solvers/backend_loader.h"
#include "solvers/pair_improvement.h"
#include "solvers/segment_progress.h"
#include "solvers/solve_mip.h"

namespace nmperm {
namespace {

// One segment's program, while it is solved.
class Run {
 public:
  Run(const Search& search, int segment, const Formulation& formulation, SegmentProgress& progress)
      : search_(search), segment_(segment), formulation_(formulation), progress_(progress) {
    const Problem& problem = search.problem();
    const ScoreMatrix& scores = problem.search_scores();
    for (int c = problem.segments().begin(segment); c < problem.segments().end(segment); ++c) {
      for (int r = 0; r < scores.rows(); ++r) total_ += static_cast<double>(scores.at(r, c));
    }
  }

  // Improves the segment's incumbent. The better the start, the more columns of the program its value
  // excludes before the first branch.
  void improve_start(const FormulationScope& scope) {
    const GroupValues* values = formulation_.group_values(0);
    std::optional<std::vector<GroupValues>> tables;
    if (values == nullptr && GroupColumns::count(scope) <= SetPartition::kMostGroups) {
      tables = group_values_of(scope);
      if (tables) values = &tables->front();
    }
    if (values == nullptr) return;
    const auto incumbent = progress_.columns(segment_);
    std::vector<int> division(incumbent.begin(), incumbent.end());
    for (int& column : division) column -= scope.first_column();
    constexpr int kKicksPerColumn = 10;
    improve_by_kicks(*values, division, kKicksPerColumn * static_cast<int>(division.size()),
                     search_.rng(static_cast<std::uint64_t>(segment_)),
                     [this] { return search_.should_stop(); });
    for (int& column : division) column += scope.first_column();
    offer(division);
  }

  void solve(const MipBackend& backend) {
    MipRequest request;
    request.start = formulation_.solution(progress_.columns(segment_));
    request.time_limit_s = search_.remaining_s() / (search_.problem().segments().count() - segment_);
    request.node_limit = search_.limits().iterations;
    request.should_stop = [this] { return search_.should_stop(); };
    request.on_incumbent = [this](double, const std::vector<double>& values) {
      offer(formulation_.permutation(values));
    };
    request.on_bound = [this](double pruned) { progress_.offer_bound(segment_, total_ - pruned); };
    solve_mip(backend, formulation_.program(), request);
  }

 private:
  // Values what the columns keep anew: a solver's objective is off by its tolerances.
  void offer(const std::vector<int>& columns) {
    const Problem& problem = search_.problem();
    double kept = 0;
    for (std::size_t i = 0; i < columns.size(); i += static_cast<std::size_t>(problem.pattern().group)) {
      kept += kept_of_group(problem.search_scores(), problem.pattern(), columns.data() + i);
    }
    progress_.offer(segment_, columns, kept);
  }

  const Search& search_;
  int segment_;
  const Formulation& formulation_;
  SegmentProgress& progress_;
  double total_ = 0;
};

}  // namespace

FormulationSolver::FormulationSolver(const std::string& formulation) : kind_(find_formulation(formulation)) {}

std::vector<OptionRecord> FormulationSolver::options_with(const std::string& formulation) {
  std::vector<OptionRecord> options = {
      OptionRecord::choice("backend", "mixed-integer solver", backend_names().front(), backend_names())};
  const auto& own = find_formulation(formulation).options;
  options.insert(options.end(), own.begin(), own.end());
  return options;
}

Support FormulationSolver::supports(const Problem& problem, const Options&) const {
  for (int s = 0; s < problem.segments().count(); ++s) {
    if (std::string refusal = kind_.refusal({problem, s, 1, 1, {}}); !refusal.empty()) {
      return {std::move(refusal), kind_.advice};
    }
  }
  return {};
}

void FormulationSolver::run(Search& search) const {
  const auto backend = load_backend(search.options().choice("backend"));
  SegmentProgress progress(search, info().name + " " + search.options().choice("backend"));
  for (int s = 0; s < search.problem().segments().count() && !search.should_stop(); ++s) {
    const FormulationScope scope{search.problem(), s, 1, search.threads(),
                                 [&search] { return search.should_stop(); }};
    const auto formulation = kind_.build(scope, search.options());
    if (!formulation) return;
    Run segment(search, s, *formulation, progress);
    segment.improve_start(scope);
    segment.solve(*backend);
  }
}

}  // namespace nmperm
