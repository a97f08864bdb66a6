// The safetensors format (specification: README of huggingface/safetensors): eight bytes of header length,
// little-endian; a JSON header; the tensors' bytes without gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/tensor.h"

namespace nmperm {

/// Longest header that is read, as in the reference implementation.
inline constexpr std::uint64_t kMaxSafetensorsHeaderBytes = 100'000'000;

/// One tensor as the header describes it; offsets count from the end of the header.
struct SafetensorsEntry {
  std::string name;
  std::string dtype;  ///< as written: "F32", "BF16", "I8", ...
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0, end = 0;
};

/// A file whose header has been read and found valid.
class Safetensors {
 public:
  /// Throws InputError unless the header is valid: its length within the file and the cap, tensors inside the
  /// file, without overlap or gap, and as long as shape times element size, metadata of strings.
  explicit Safetensors(std::shared_ptr<const ByteSource> source);

  /// In the order of their bytes.
  const std::vector<SafetensorsEntry>& entries() const { return entries_; }
  /// Throws InputError when there is no such tensor (names are listed) or its type is not F64, F32, F16 or
  /// BF16.
  StoredTensor read(const std::string& name) const;
  /// The bytes of a tensor of any type, as a whole or one after another. Both throw InputError when there is
  /// no such tensor.
  std::vector<std::byte> read_bytes(const std::string& name) const;
  std::unique_ptr<ByteStream> stream(const std::string& name) const;
  /// Everything before the tensors' bytes: the length and the header as they are stored.
  std::vector<std::byte> preamble() const;
  /// The strings of `__metadata__`; empty where there is none.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  const SafetensorsEntry& entry(const std::string& name) const;

  std::shared_ptr<const ByteSource> source_;
  std::uint64_t data_begin_ = 0;
  std::vector<SafetensorsEntry> entries_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace nmperm
