// Any bytes as an ONNX file, up to the permutable sets.
#include "network/network_plan.h"
#include "network/permutation_record.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  fuzz::read_or_refuse([&] {
    const OnnxModel model = OnnxModel::parse(std::as_bytes(std::span(data, size_bytes)), "input");
    (void)read_record(model);
    const Coverage coverage = plan_network(model, Pattern{}, PruningRule()).coverage();
    fuzz::require(coverage.free_elements <= coverage.prunable_elements);
  });
  return 0;
}
