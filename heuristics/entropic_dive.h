// `entropic-dive`: column generation with entropic prices, pricing by replacement, and diving.
#pragma once

#include "core/solver.h"

namespace nmperm {

class EntropicDiveSolver : public Solver {
 public:
  const SolverInfo& info() const override;
  void run(Search& search) const override;
};

}  // namespace nmperm
