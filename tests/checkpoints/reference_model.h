// The function of every architecture, written out plainly in double from the definitions of the transformers
// library: what must not change.
#pragma once

#include <vector>

#include "tests/checkpoints/checkpoint_builder.h"

namespace nmperm::testing {

/// All outputs for a sequence of tokens: logits of every position (BERT: and the two of the next sentence).
std::vector<double> run_model(const BuiltCheckpoint& model, const std::vector<int>& tokens);

}  // namespace nmperm::testing
