// `entropic-dive`: column generation with entropic prices, replacement pricing and diving.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// The linear program over all groups of columns (choose groups so that every column is in exactly one) says
/// nearly what the best permutation is, but has too many groups to solve from a few hundred columns on. This
/// search follows it at every size, by means that are published nowhere else as far as we know; how and why
/// is told in docs/entropic-dive.md. In short:
///  - prices of columns come from an entropy-smoothed dual over a pool of groups, by proportional fitting at
///    a falling temperature instead of a simplex (heuristics/entropic_duals.h);
///  - new groups come from the replacement identity: what a column is worth in a slot does not depend on
///    prices, so it is computed once, or estimated from pairs of columns in wide layers, cached, and scanned
///    whenever prices change (heuristics/replacement_rows.h, heuristics/pair_estimates.h,
///    heuristics/replacement_pricing.h);
///  - groups of weight near 1 are fixed, at least a few at a time, and prices are refitted to the columns
///    left until none is (heuristics/partition_dive.h).
///
/// Dives are repeated, through all columns or a share of the groups, and keep pool, prices and rows.
///
/// A descent over assignments goes before the first dive, and one ends every pass. Where time or memory are
/// short for all columns of a segment at once, random blocks of groups are dived through one after the other.
/// The first dive costs about 4 to 10 M R n^2 max-adds for n columns, in bytes where there are many rows, and
/// R n^2 / 2 and some 10 M^2 n^2 additions where pairs estimate. Memory is bounded by the option
/// cache-megabytes, 4 n^2 bytes of pairs, and some 4 M + 24 bytes for each group of the pool, of which 200 a
/// column stay from dive to dive.
class EntropicDiveSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
