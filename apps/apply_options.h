// What the user asked of `nmperm apply`, for networks in ONNX and for checkpoints alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/scoring_options.h"
#include "apps/search_options.h"
#include "core/result.h"

namespace nmperm {

struct ApplyOptions {
  std::string model, output, report, pattern = "2:4";
  std::string rule, include, exclude;
  ScoringOptions scoring;
  SearchOptions search;
  std::optional<int> inputs;                     ///< ONNX alone
  std::optional<std::int64_t> memory_limit_mib;  ///< checkpoints alone
  std::string config;
  bool prune = false, undo = false, quiet = false;
};

/// Line of progress on standard error.
void print_set_progress(std::size_t done, std::size_t sets, const std::string& name, const Result& result);

/// `apply` of a folder with a Hugging Face checkpoint; returns the exit code. Throws Error.
int apply_checkpoint(const ApplyOptions& options);

}  // namespace nmperm
