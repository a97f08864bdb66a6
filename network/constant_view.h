// The elements of a stored constant, without a copy where the file stores them raw.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "network/onnx_model.h"

namespace nmperm {

/// Little-endian bytes in C order; valid while the model is not changed. Throws as
/// OnnxModel::constant_bytes().
class ConstantView {
 public:
  ConstantView(const OnnxModel& model, int index) : bytes_(model.raw_view(index)) {
    if (!bytes_.empty()) return;
    owned_ = model.constant_bytes(index);
    bytes_ = owned_;
  }
  explicit ConstantView(std::vector<std::byte> bytes) : owned_(std::move(bytes)), bytes_(owned_) {}
  ConstantView(ConstantView&&) = default;
  ConstantView(const ConstantView&) = delete;
  ConstantView& operator=(const ConstantView&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> owned_;
  std::span<const std::byte> bytes_;
};

}  // namespace nmperm
