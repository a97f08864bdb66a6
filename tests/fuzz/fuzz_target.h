// What the fuzz targets share: input that is not valid must be refused by an InputError of one line, and by
// nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "core/error.h"
#include "io/byte_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes);

namespace nmperm::fuzz {

inline std::shared_ptr<const ByteSource> source_of(const std::uint8_t* data, std::size_t size_bytes) {
  return open_memory("input", std::as_bytes(std::span(data, size_bytes)));
}

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Runs `read` and takes a refusal; any other exception ends the process.
template <typename Read>
void read_or_refuse(Read read) {
  try {
    read();
  } catch (const InputError& error) {
    require(std::string(error.what()).find('\n') == std::string::npos);
  }
}

}  // namespace nmperm::fuzz
