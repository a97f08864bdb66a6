// The interface that every solver implements.
#pragma once

#include <string>
#include <vector>

#include "core/options.h"
#include "core/problem.h"
#include "core/result.h"
#include "core/search.h"

namespace nmperm {

/// What a solver says of itself.
struct SolverInfo {
  std::string name;            ///< identifier: file name with '-' for '_', and the command-line name
  std::string summary;         ///< one line
  std::string reference;       ///< the paper or source it follows
  bool exact = false;          ///< ends with a proof of optimality, given time
  std::string iteration_unit;  ///< what --iteration-limit counts
  std::vector<OptionRecord> options;
  std::vector<std::string> aliases;
};

/// Whether a solver takes a problem; where it does not, why, and what to use instead.
struct Support {
  std::string refusal;
  std::string advice;
  explicit operator bool() const { return refusal.empty(); }
};

/// A search for permutations that keep much magnitude. Stateless: one object may run many searches at once.
///
/// Every solver takes any N:M pattern and segments unless supports() says why not; reports its best so far,
/// so that it can be stopped at any time; with the same seed and iteration limit gives the same answer for
/// any number of threads; and is never worse than its start.
class Solver {
 public:
  virtual ~Solver() = default;

  virtual const SolverInfo& info() const = 0;
  virtual Support supports(const Problem& problem, const Options& options) const;

  /// Searches until done or until search.should_stop(), reporting to `search`.
  virtual void run(Search& search) const = 0;

  /// Checks parameters, runs, and returns the best found with figures from the oracle.
  /// Throws InputError (options, limits, start) or UnsupportedError.
  Result solve(const Problem& problem, const SolveParameters& parameters = {}) const;
};

}  // namespace nmperm
