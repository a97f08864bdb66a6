// `annealing`: simulated annealing over column swaps.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Simulated annealing (Kirkpatrick, Gelatt & Vecchi, Science 220, 1983, DOI 10.1126/science.220.4598.671). A
/// move swaps two columns of different groups inside a segment; its change comes from cached thresholds
/// (heuristics/swap_state.h). The temperature is not scheduled: it is controlled so that the share of
/// worsening moves that is accepted falls geometrically from one option's value to the other's, whatever the
/// scale and the spread of the scores.
///
/// A chain runs cycles, each half as long again as the one before, from the best so far and from random
/// permutations in turn. With a time limit every thread runs a chain; with an iteration limit `workers`
/// chains share the moves, whatever the threads. 4 R C bytes a chain.
class AnnealingSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
