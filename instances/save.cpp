#include "instances/save.h"

#include <array>
#include <cstdint>

#include "instances/row_blocks.h"
#include "io/atomic_file.h"
#include "io/npy.h"

namespace nmperm {

void save_npy(const std::string& path, const ScoreMatrix& scores) {
  AtomicFile file(path);
  const std::array<std::uint64_t, 2> shape = {static_cast<std::uint64_t>(scores.rows()),
                                              static_cast<std::uint64_t>(scores.columns())};
  file.write(npy_float32_preamble(shape));
  for_each_row_block(scores, [&](std::span<const float> rows) { file.write(std::as_bytes(rows)); });
  file.commit();
}

}  // namespace nmperm
