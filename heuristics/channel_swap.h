// `channel-swap`: greedy swaps of two columns with bounded regressions.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// The swap search of TETRIS (Ji, Liang, Deng, Zhang, Zhang & Xie, "TETRIS: TilE-matching the TRemendous
/// Irregular Sparsity", NeurIPS 2018) for the N:M objective, as Pool & Yu (NeurIPS 2021) compare with: a pass
/// finds the best column swap of every pair of groups, applies them in decreasing order of gain, each group
/// at most once, and rates the pairs with a changed group again. After convergence a bounded regression makes
/// a random swap and continues; one that ends no better is undone.
///
/// A first pass costs C^2 / 2 swap evaluations, R C^2 max-adds; thresholds are formed in blocks, so memory
/// beyond the scores is 16 bytes a pair of groups and a few blocks.
class ChannelSwapSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
