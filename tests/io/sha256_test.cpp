#include "io/sha256.h"

#include <string>

#include <gtest/gtest.h>

namespace nmperm {
namespace {

std::string digest(const std::string& text, std::size_t pieces) {
  Sha256 sha256;
  for (std::size_t i = 0; i < text.size(); i += pieces) {
    const std::string piece = text.substr(i, pieces);
    sha256.update(std::as_bytes(std::span(piece)));
  }
  return sha256.hex_digest();
}

TEST(Sha256, EqualsThePublishedExamples) {  // NIST, FIPS 180-4 example values
  EXPECT_EQ(digest("", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (const std::size_t pieces : {1u, 7u, 56u}) {
    EXPECT_EQ(digest(two_blocks, pieces), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  }
}

}  // namespace
}  // namespace nmperm
