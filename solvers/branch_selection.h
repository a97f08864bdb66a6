// Which pair of columns to branch on: strong branching over the few that did well before.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "formulations/integer_columns.h"
#include "solvers/branch_decision.h"
#include "solvers/restricted_master.h"

namespace nmperm {

/// A pair to branch on, and how far the objective is expected to rise in both branches.
struct BranchChoice {
  BranchDecision together;
  double rise_together = 0, rise_apart = 0;
};

/// Strong branching on pairs of columns: a trial solves both branches by a few dual simplex iterations,
/// without pricing. What it rose by, for each unit by which the pair's weight moved, joins the pair's history
/// (pseudocosts; Achterberg, Koch and Martin, "Branching rules revisited", 2005,
/// DOI 10.1016/j.orl.2004.04.002), and the pairs of most promising history are the ones that are tried.
/// Trials are always made: trusting a history instead, however long, made trees larger than it saved time. At
/// C = 96 proofs take half the time of trials of the pairs nearest to one half. O(pairs) memory.
class BranchSelection {
 public:
  explicit BranchSelection(const IntegerColumns& columns) : columns_(columns) {}

  /// The fractional pair whose rises have the largest product, of which at most `trials` were tried; rises
  /// above `most_rise`, which would close a branch, count as that. `allowed`: what is open at the node.
  /// Leaves the master as it was, but for its basis. Null where no pair with a single column is fractional.
  std::optional<BranchChoice> select(RestrictedMaster& master, int trials, double most_rise,
                                     const std::function<bool(const std::uint16_t*)>& allowed);

 private:
  /// Sums of rises for each unit of weight.
  struct History {
    double together = 0, apart = 0;
    int trials = 0;
    void add(double rise_together, double rise_apart) {
      together += rise_together;
      apart += rise_apart;
      ++trials;
    }
  };
  struct Candidate {
    BranchDecision together;
    double weight = 0;  // of the groups that hold both columns
    double score = 0;   // of the rises expected
  };

  static std::uint32_t key_of(const BranchDecision& decision) {
    return std::uint32_t{decision.single} << 16 | decision.other;
  }
  std::vector<Candidate> fractional_pairs(const RestrictedMaster& master) const;
  BranchChoice expected(const Candidate& candidate, double unit) const;

  const IntegerColumns& columns_;
  std::unordered_map<std::uint32_t, History> pairs_;
  History all_;
};

}  // namespace nmperm
