#include "io/sha256.h"

#include <algorithm>
#include <array>
#include <vector>

#include <openssl/evp.h>

#include "core/error.h"

namespace nmperm {
namespace {

void require(int success) {
  if (success != 1) throw InternalError("OpenSSL cannot compute SHA-256");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr ? EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) : 0);
}

void Sha256::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex_digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context_.get(), digest.data(), &size));
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

std::string sha256_of(const ByteSource& source) {
  Sha256 hash;
  std::vector<std::byte> block(
      static_cast<std::size_t>(std::min<std::uint64_t>(source.size_bytes(), std::uint64_t{1} << 20)));
  for (std::uint64_t offset = 0; offset < source.size_bytes(); offset += block.size()) {
    block.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), source.size_bytes() - offset)));
    source.read(offset, block);
    hash.update(block);
  }
  return hash.hex_digest();
}

}  // namespace nmperm
