// The linear program over all groups of a pool that branch decisions allow, by column generation from the
// pool.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/search.h"
#include "solvers/restricted_master.h"

namespace nmperm {

/// What the groups of a pool (or a part of it) say of a partition out of them.
struct PoolBound {
  double bound =
      -std::numeric_limits<double>::infinity();  ///< no such partition prunes less: valid, in integers
  std::vector<double> duals;                     ///< that prove it (see RepairedDuals)
  double objective = 0;                          ///< of the linear program, where solved to the end
  enum class State {
    kOptimal,  ///< no group of the pool has a negative reduced cost
    kClosed,   ///< the bound reached the cutoff
    kStopped
  } state = State::kStopped;
};

/// Solves the program over pool[subset] with `master`, whose open groups must be in the pool and allowed too:
/// solves, adds groups of negative reduced cost, and again. Ends when there is none, when the bound reaches
/// `cutoff`, or when the search should stop. A look at a group of the pool takes some nanoseconds.
PoolBound solve_pool(RestrictedMaster& master, const IntegerColumns& columns, const GroupList& pool,
                     const std::vector<std::uint32_t>& subset, double cutoff, LpEngine::Method first_method,
                     const Search& search);

}  // namespace nmperm
