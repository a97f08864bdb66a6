// Scores to files.
#pragma once

#include <string>

#include "core/score_matrix.h"

namespace nmperm {

/// Writes a 2-D float32 .npy in C order, whole or not at all. Throws InputError when `path` cannot be
/// written.
void save_npy(const std::string& path, const ScoreMatrix& scores);

}  // namespace nmperm
