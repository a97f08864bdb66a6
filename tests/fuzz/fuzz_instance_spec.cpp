// Any text as an INSTANCE argument.
#include "instances/spec.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    const InstanceSpec spec =
        parse_instance_spec(std::string(reinterpret_cast<const char*>(data), size_bytes));
    switch (spec.kind) {
      case InstanceSpec::Kind::kGenerated:
        fuzz::require(spec.generator != nullptr && spec.rows > 0 && spec.columns > 0);
        break;
      case InstanceSpec::Kind::kLibrary:
        fuzz::require(!spec.name.empty());
        break;
      default:
        fuzz::require(!spec.path.empty());
    }
  });
  return 0;
}
