// Where the commands look for ONNX Runtime.
#pragma once

#include <optional>

#include "network/inference_engine.h"

namespace nmperm {

/// The engine of NMPERM_ONNXRUNTIME, of the folder `onnxruntime` beside the program, or of the system.
std::optional<InferenceEngine> find_engine();

}  // namespace nmperm
