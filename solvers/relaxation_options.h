// What the solvers that live on the linear relaxation over all groups have in common.
#pragma once

#include <vector>

#include "core/solver.h"

namespace nmperm {

/// `backend`: whose linear-programming solver.
std::vector<OptionRecord> relaxation_options();

/// Refuses more groups in a segment than a scan can look at in hours.
Support relaxation_support(const Problem& problem);

/// A few entropic dives, so that what follows begins with something good.
void improve_start(Search& search);

}  // namespace nmperm
