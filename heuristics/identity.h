// `identity`: the columns as they stand.
#pragma once

#include "core/solver.h"

namespace nmperm {

/// Returns the start, or the identity: the figure that every other solver is compared with. No search.
class IdentitySolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
