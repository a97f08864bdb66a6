#include "instances/fingerprint.h"

#include "instances/row_blocks.h"
#include "io/sha256.h"

namespace nmperm {

std::string fingerprint(const ScoreMatrix& scores) {
  Sha256 sha256;
  for_each_row_block(scores, [&](std::span<const float> rows) { sha256.update(std::as_bytes(rows)); });
  return sha256.hex_digest();
}

}  // namespace nmperm
