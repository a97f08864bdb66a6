// Any text as an INSTANCE argument.
#include "instances/spec.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    const InstanceSpec spec =
        parse_instance_spec(std::string(reinterpret_cast<const char*>(data), size_bytes));
    const bool generated =
        spec.kind == InstanceSpec::Kind::kRandom || spec.kind == InstanceSpec::Kind::kStructured;
    fuzz::require(generated ? spec.rows > 0 && spec.columns > 0 : !spec.path.empty());
  });
  return 0;
}
