// `memetic`: an evolutionary search whose genes are groups, with assignment descent as education.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Hybrid genetic search in the manner of grouping problems (Falkenauer, "A hybrid grouping genetic algorithm
/// for bin packing", J. Heuristics 2, 1996, DOI 10.1007/BF00226291; Galinier & Hao, J. Comb. Optim. 3, 1999,
/// DOI 10.1023/A:1009823419804): a child inherits whole groups, first those that both parents have, then
/// alternately the best that fit from either, valued by kept magnitude above what their columns fetch on
/// average in the population. Columns left over are grouped at random, and the child is educated by the
/// descent of `assignment`. It replaces the worst member when it is better and no duplicate. When children
/// stop being better the population doubles; a start joins then, for among beginners it would win every
/// comparison.
///
/// Children are made in fixed batches from the population before the batch, each with a random stream of its
/// own, so the result does not depend on the number of threads. Made for up to a few hundred columns. Memory:
/// R C bytes, and 8 n^2 bytes for each child of a batch at n groups.
class MemeticSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
