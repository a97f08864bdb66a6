// Coupling of networks whose batch is open.
#pragma once

#include "network/coupling.h"

namespace nmperm {

/// couple(), and where that pins weights of a network with one input that has open dimensions: for two sizes
/// of the first of these instead. Exporters compute shapes from the batch (`x.view(x.size(0), -1)`), which an
/// open dimension does not follow. What both sizes find is taken where it is the same, and more. Up to three
/// times the cost of couple().
Coupling couple_any_batch(const LayerGraph& graph);

}  // namespace nmperm
