// What the user asked of `nmperm apply`, for networks in ONNX and for checkpoints alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/scoring_options.h"
#include "core/solver.h"

namespace nmperm {

struct ApplyOptions {
  std::string model, output, report, pattern = "2:4";
  std::string solver = "auto", rule, include, exclude;
  ScoringOptions scoring;
  std::vector<std::string> solver_options;
  std::optional<double> time_limit_s;
  std::optional<std::int64_t> iteration_limit;
  double gap_limit = 0;
  int threads = 0;
  std::uint64_t seed = 0;
  std::optional<int> inputs;                     ///< ONNX alone
  std::optional<std::int64_t> memory_limit_mib;  ///< checkpoints alone
  std::string config;
  bool prune = false, undo = false, quiet = false;
};

/// Limits, seed, threads and options of the search. Throws InputError on options that the solver does not
/// have.
SolveParameters search_parameters(const ApplyOptions& options, const Solver& solver);

/// Line of progress on standard error.
void print_set_progress(std::size_t done, std::size_t sets, const std::string& name, const Result& result);

/// `apply` of a folder with a Hugging Face checkpoint; returns the exit code. Throws Error.
int apply_checkpoint(const ApplyOptions& options);

}  // namespace nmperm
