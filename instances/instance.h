// An instance: scores and the name under which they were asked for.
#pragma once

#include <string>

#include "core/score_matrix.h"

namespace nmperm {

struct Instance {
  std::string name;  ///< as the user wrote it: "conv.npy", "random:128x64:1"
  ScoreMatrix scores;
};

}  // namespace nmperm
