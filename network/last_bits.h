// How much rounding alone changes a network: the same network with other last bits.
#pragma once

#include <cstdint>

#include "network/onnx_model.h"

namespace nmperm {

/// A copy in which half of the elements of each float32 and float64 tensor of two and more axes have another
/// last bit (zeros and what is not finite stay). Tensors of fewer axes stay too: exponents and scales of
/// sizes mean something else when they are not whole. O(size of the model) time and memory.
OnnxModel with_last_bits_changed(const OnnxModel& model, std::uint64_t seed);

}  // namespace nmperm
