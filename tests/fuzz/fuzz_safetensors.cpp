// Any bytes as a .safetensors file: every tensor that it names, up to the scores.
#include "instances/load.h"
#include "io/safetensors.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    const Safetensors file(fuzz::source_of(data, size_bytes));
    for (const SafetensorsEntry& entry : file.entries()) {
      fuzz::read_or_refuse([&] { scores_of_tensor(file.read(entry.name)); });
    }
  });
  return 0;
}
