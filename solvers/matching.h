// Pairs of columns by maximum-weight perfect matching: M = 2 in polynomial time.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// At 1:2 a group is a pair of columns that keeps sum_r max(a_r, b_r), so the best division is a perfect
/// matching of most weight in the complete graph of a segment's columns (Edmonds, J. Res. NBS 69B, 1965, DOI
/// 10.6028/jres.069B.013; the algorithm is LEMON's). Refuses M != 2.
///
/// Weights are rounded to integers of 48 bits, on which the algorithm is exact. The bound is what its dual
/// variables prove, checked here edge by edge in integers, plus what rounding may have taken: the gap of a
/// finished run is about 1e-12. Before, pairs of pairs are divided anew until nothing gets better, which is
/// what a run returns that is stopped early.
///
/// L (L - 1) / 2 edges for a segment of L columns, at 57 bytes each (measured at 2048 and 4096); refused
/// above kMostBytes (6324 columns). At R = 64 (one thread), C = 1024 takes 0.8 s (uniform) to 4 s
/// (structured), 2048 takes 6 to 50 s, 4096 (uniform) 41 s. Options: none. Iterations: segments.
class MatchingSolver : public Solver {
 public:
  static constexpr double kBytesPerEdge = 60;
  static constexpr double kMostBytes = 1.2e9;

  const SolverInfo& info() const override;
  Support supports(const Problem& problem, const Options& options) const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
