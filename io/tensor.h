// What a stored tensor looks like, and how its elements become float32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/byte_source.h"

namespace nmperm {

/// Element types: IEEE 754 binary16, bfloat16 (the upper half of a binary32), binary32, binary64.
enum class DType { kF16, kBF16, kF32, kF64 };

/// Bytes of one element.
std::size_t size_of(DType dtype);

/// Layout of a tensor. In C order the last index runs fastest, in Fortran order the first.
struct TensorInfo {
  DType dtype = DType::kF32;
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

/// A tensor whose elements have not been read yet: `data` holds them all, in storage order, and nothing else.
struct StoredTensor {
  TensorInfo info;
  std::unique_ptr<ByteStream> data;
};

/// "[3, 17]"
std::string shape_text(std::span<const std::uint64_t> shape);

/// Product of the dimensions (1 for none). Throws InputError, naming `subject`, when count * element size
/// exceeds 2^63 - 1.
std::uint64_t element_count(const TensorInfo& info, const std::string& subject);

/// Throws InputError unless shape times element size is `size_bytes`.
void require_size(const TensorInfo& info, std::uint64_t size_bytes, const std::string& subject);

/// Index of the element at `position` in storage order; no dimension is zero.
std::vector<std::uint64_t> index_at(const TensorInfo& info, std::uint64_t position);

/// Converts out.size() stored elements, rounding float64 to nearest (beyond the range of float32: infinity).
void convert_to_float32(const TensorInfo& info, std::span<const std::byte> stored, std::span<float> out);

/// Reads a tensor as float32, block after block.
class Float32Reader {
 public:
  /// The tensor must outlive the reader.
  explicit Float32Reader(StoredTensor& tensor) : tensor_(&tensor) {}

  /// Fills `out` with the next elements in storage order. Throws InputError when an element is NaN or
  /// infinite or beyond the range of float32, naming its index in the file, and when the stream fails.
  void read(std::span<float> out);

 private:
  [[noreturn]] void refuse(std::uint64_t position, std::span<const std::byte> stored) const;

  StoredTensor* tensor_;
  std::uint64_t position_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace nmperm
