// `stripe-groups`: greedy stripe-group search with bounded regressions.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// The search of Pool & Yu, "Channel Permutations for N:M Sparsity", NeurIPS 2021, section 4.1: every stripe
/// group (2, 3 or 4 stripes) is optimised exhaustively on its own; a pass applies the winners in decreasing
/// order of gain, skips groups that share an already changed stripe, then re-rates only groups with a changed
/// stripe. After convergence a bounded regression swaps two columns of different stripes and continues; a
/// regression that ends no better is undone.
///
/// A first pass costs O(binomial(C/M, k)) stripe groups, later passes little. 16 bytes a stripe group.
class StripeGroupsSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  Support supports(const Problem& problem, const Options& options) const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
