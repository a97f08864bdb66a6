// What the solvers that hand a program to a mixed-integer solver share: bqp, blp, mda, setpart.
#pragma once

#include <string>
#include <vector>

#include "core/solver.h"
#include "formulations/default_formulations.h"

namespace nmperm {

/// Builds a program for one segment after the other and solves it with the backend of option `backend`.
/// Starts from the search's start, improved by pairs of groups with kicks where a table of the segment's
/// groups is affordable. Passes on incumbents and bounds as they appear. Each segment gets an equal share of
/// the time that is left. Iterations: branch-and-bound nodes of each segment. The MIP solver uses one thread.
/// Throws UnsupportedError where the backend is missing.
///
/// Bounds carry kMipBoundMargin (solve_mip.h); a proven optimum therefore shows a gap of about 2e-7.
class FormulationSolver : public Solver {
 public:
  /// Segments are solved one by one, so the largest program decides.
  Support supports(const Problem& problem, const Options& options) const override;
  void run(Search& search) const override;

 protected:
  /// The program of this name (formulations/default_formulations.h).
  explicit FormulationSolver(const std::string& formulation);

  /// `backend` and the options of the program, for info().
  static std::vector<OptionRecord> options_with(const std::string& formulation);
  /// What iterations are, for info().
  static constexpr const char* kIterationUnit = "branch-and-bound nodes of each segment";

 private:
  const FormulationKind& kind_;
};

}  // namespace nmperm
