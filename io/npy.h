// NumPy's array file, versions 1.0, 2.0 and 3.0 (specification: numpy.lib.format, NEP 1).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "io/tensor.h"

namespace nmperm {

/// Longest header that is read, in bytes; a float array's header needs about a hundred.
inline constexpr std::size_t kMaxNpyHeaderBytes = 65535;

/// Parses the header's dictionary, for instance "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4),
/// }". Accepted: exactly these three keys in any order; descr f2, f4 or f8 of either byte order. Throws
/// InputError, naming `subject`.
TensorInfo parse_npy_header(std::string_view header, const std::string& subject);

/// Reads magic, version and header; what remains in the stream are the elements. Throws InputError when the
/// stream is no .npy, or does not hold exactly the elements that the header promises.
StoredTensor read_npy(std::unique_ptr<ByteStream> stream);
StoredTensor read_npy(std::shared_ptr<const ByteSource> source);

/// Magic, version 1.0 and header of a little-endian float32 array in C order, padded to a multiple of 64
/// bytes.
std::string npy_float32_preamble(std::span<const std::uint64_t> shape);

}  // namespace nmperm
