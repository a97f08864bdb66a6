// The file of a compressed weight (docs/compressed.md describes it byte by byte).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/permutation.h"
#include "io/byte_source.h"
#include "sparse/stored_weight.h"

namespace nmperm {

/// In which order the file holds the indices.
enum class IndexLayout {
  kPlain,  ///< StoredWeight::indices
  kTorch,  ///< torch_metadata()
};
/// Reads "plain" or "torch". Throws InputError on anything else.
IndexLayout parse_index_layout(std::string_view text);
std::string to_string(IndexLayout layout);

/// A compressed weight with what it was made from.
struct CompressedFile {
  StoredWeight weight;
  Permutation permutation;    ///< of the columns; the weight is in the permuted order
  std::string instance_name;  ///< as the user wrote it
  std::string sha256;         ///< fingerprint() of the instance's scores
  IndexLayout layout = IndexLayout::kPlain;
};

/// The bytes of the file; the same file always yields the same bytes. Throws InputError where the layout does
/// not suit the weight.
std::string to_safetensors(const CompressedFile& file);
/// Writes the file whole or not at all. Throws InputError when `path` cannot be written.
void write_compressed(const std::string& path, const CompressedFile& file);

/// Reads a file of either layout; restore(weight) holds. Throws InputError, naming the place, when the file
/// is no compressed weight of version 1, is cut off, or shape, permutation, indices or values are not valid.
CompressedFile read_compressed(std::shared_ptr<const ByteSource> source);

}  // namespace nmperm
