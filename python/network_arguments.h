// How Python's callers say which weights of a network count and how its sets are searched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/solver.h"
#include "network/search_sets.h"
#include "python/problems.h"

namespace nmperm::python {

struct NetworkArguments {
  PatternNumbers pattern;
  std::string rule, include, exclude, solver;
  double time_limit = 0;
  std::optional<std::int64_t> iteration_limit;
  double gap_limit = 0;
  std::uint64_t seed = 0;
  int threads = 0;
  OptionValues options;
  std::string criterion;
  OptionValues criterion_options;
  std::string statistics;  ///< a file, or nothing

  PruningRule pruning_rule() const { return PruningRule(rule, include, exclude); }
  /// Throws InputError on options that solver or criterion do not have, and on broken statistics.
  NetworkSearch search() const;
};

}  // namespace nmperm::python
