// What tests that run networks share.
#pragma once

#include <cstdint>
#include <optional>

#include "network/apply.h"
#include "network/inference_engine.h"

namespace nmperm::testing {

/// ONNX Runtime where it is installed: NMPERM_ONNXRUNTIME, the build folder, or the system.
std::optional<InferenceEngine> find_test_engine();

/// A random order for every set of channels and of whole groups that may trade places.
PermutationRecord random_record(const OnnxModel& model, const Coupling& coupling, std::uint64_t seed);

}  // namespace nmperm::testing
