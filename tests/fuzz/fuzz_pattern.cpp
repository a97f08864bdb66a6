// Any text as an N:M pattern; what is accepted must be valid and read back as itself.
#include "core/pattern.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    const Pattern pattern = Pattern::parse({reinterpret_cast<const char*>(data), size_bytes});
    pattern.validate();
    fuzz::require(Pattern::parse(pattern.str()) == pattern);
  });
  return 0;
}
