// Any bytes as a .npy file, up to the scores.
#include "instances/load.h"
#include "io/npy.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    const ScoreMatrix scores = scores_of_tensor(read_npy(fuzz::source_of(data, size_bytes)));
    fuzz::require(scores.at(0, 0) >= 0);
  });
  return 0;
}
