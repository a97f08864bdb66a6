// SHA-256 (FIPS 180-4) of bytes that come in pieces.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "io/byte_source.h"

struct evp_md_ctx_st;

namespace nmperm {

class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  /// 64 lower-case hexadecimal digits; the object is used up.
  std::string hex_digest();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// The digest of all bytes of a source. Memory 1 MB.
std::string sha256_of(const ByteSource& source);

}  // namespace nmperm
