// What identifies an instance.
#pragma once

#include <string>

#include "core/score_matrix.h"

namespace nmperm {

/// SHA-256 of the scores as row-major little-endian float32 bytes, in hexadecimal. O(R C), memory 16 rows.
std::string fingerprint(const ScoreMatrix& scores);

}  // namespace nmperm
