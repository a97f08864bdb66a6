// Any bytes as a .npz archive: every member that it names, up to the scores.
#include "instances/load.h"
#include "io/npz.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    for (const std::string& name : npz_names(fuzz::source_of(data, size_bytes))) {
      fuzz::read_or_refuse([&] { scores_of_tensor(read_npz(fuzz::source_of(data, size_bytes), name)); });
    }
  });
  return 0;
}
