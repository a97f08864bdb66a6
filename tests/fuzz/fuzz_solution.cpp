// Any bytes as a solution file; what is accepted must survive being written and read again.
#include "instances/solution.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    const std::string text = to_json(parse_solution(*fuzz::source_of(data, size_bytes)));
    const Solution again = parse_solution(*open_memory("again", std::as_bytes(std::span(text))));
    fuzz::require(to_json(again) == text);
  });
  return 0;
}
