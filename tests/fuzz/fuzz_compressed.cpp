// Any bytes as a file of a compressed weight: what is read must be valid, and come back as it is.
#include "sparse/compressed_file.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    const CompressedFile file = read_compressed(fuzz::source_of(data, size_bytes));
    restore(file.weight).validate();
    const std::string bytes = to_safetensors(file);
    const CompressedFile again =
        read_compressed(fuzz::source_of(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    fuzz::require(again.weight == file.weight && again.permutation == file.permutation);
  });
  return 0;
}
