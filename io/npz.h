// NumPy's archive of arrays: a ZIP file (PKWARE APPNOTE 6.3) whose members are .npy files, stored or
// deflated.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/tensor.h"

namespace nmperm {

/// Names of the arrays (member names without ".npy"), in the order of the archive.
/// Throws InputError when the source is no ZIP archive.
std::vector<std::string> npz_names(std::shared_ptr<const ByteSource> source);

/// The array `name`, decompressed while it is read; its checksum is verified by the stream's finish().
/// Throws InputError when there is no such array (the names are listed), when the member is encrypted or
/// compressed by another method than deflate, or claims more bytes than deflate can produce, and what
/// read_npy() throws.
StoredTensor read_npz(std::shared_ptr<const ByteSource> source, const std::string& name);

}  // namespace nmperm
