// --criterion, --criterion-option and --statistics: what is called score.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "criteria/scoring.h"
#include "instances/instance.h"
#include "instances/solution.h"

namespace nmperm {

struct ScoringOptions {
  std::string criterion = "magnitude";
  std::vector<std::string> options;
  std::string statistics;

  /// Throws InputError on an unknown criterion or option, and where statistics are missing, not needed, or no
  /// valid file.
  Scoring scoring() const;
};

void add_scoring_options(CLI::App& command, ScoringOptions& options);
/// --statistics alone, for commands that read the criterion from a solution.
void add_statistics_option(CLI::App& command, std::string& statistics);

/// The criterion that a solution was made with, and its statistics.
Scoring scoring_of(const Solution& solution, const std::string& statistics);

/// The instance with its scores by this criterion. `text` is the INSTANCE argument. Throws InputError.
Instance load_scored_instance(const std::string& text, const Scoring& scoring);
/// Scores of a matrix of weights, or of their absolute values, that was read from `text`.
ScoreMatrix scores_of_instance(ScoreMatrix weights, const std::string& text, const Scoring& scoring);

}  // namespace nmperm
