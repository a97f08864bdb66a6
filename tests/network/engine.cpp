#include "tests/network/engine.h"

#include "core/rng.h"

namespace nmperm::testing {

std::optional<InferenceEngine> find_test_engine() {
  return InferenceEngine::find(
      {NMPERM_BUILD_FOLDER "/onnxruntime", NMPERM_SOURCE_FOLDER "/build/onnxruntime"});
}

PermutationRecord random_record(const OnnxModel& model, const Coupling& coupling, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<ChannelOrder> orders;
  for (const auto* const sets : {&coupling.groups, &coupling.sets}) {
    for (const TradingClasses& set : *sets) {
      Permutation order = identity_permutation(static_cast<int>(set.channels()));
      rng.shuffle(order);
      orders.push_back({&set, std::move(order)});
    }
  }
  return record_of(model, coupling, Pattern{}, orders);
}

}  // namespace nmperm::testing
