#include "heuristics/identity.h"

namespace nmperm {

const SolverInfo& IdentitySolver::info() const {
  static const SolverInfo info{"identity",
                               "the columns in their given order (or the start)",
                               "",
                               false,
                               "none: nothing is searched",
                               {},
                               {}};
  return info;
}

void IdentitySolver::run(Search&) const {}

}  // namespace nmperm
