// Networks of random operations, permuted at random wherever coupling says that channels may move, compute
// what they computed before.
#include "tests/network/random_network.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "network/apply.h"
#include "network/helper_process.h"
#include "network/verify.h"
#include "tests/network/engine.h"
#include "tests/network/model_builder.h"

namespace nmperm::testing {
namespace {

/// 50, or what NMPERM_RANDOM_NETWORKS says (the nightly run: 500).
int network_count() {
  const char* const given = std::getenv("NMPERM_RANDOM_NETWORKS");
  return given != nullptr ? std::atoi(given) : 50;
}

TEST(RandomNetworks, ComputeTheSameUnderRandomPermutations) {
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  const TemporaryFolder folder;
  std::vector<EngineJob> jobs;
  std::vector<std::uint64_t> seeds;
  int moved = 0, with_groups = 0;
  const int count = network_count();
  for (int seed = 1; seed <= count; ++seed) {
    const std::string bytes = random_network(static_cast<std::uint64_t>(seed));
    OnnxModel model = parse(bytes), permuted = parse(bytes);
    const Coupling coupling = couple(model.layer_graph());
    const PermutationRecord record = random_record(model, coupling, static_cast<std::uint64_t>(seed));
    moved += record.axes.empty() ? 0 : 1;
    with_groups += coupling.groups.empty() ? 0 : 1;
    apply_record(permuted, record);
    ASSERT_TRUE(compare_structure(model, permuted).equal) << "seed " << seed;
    const std::string name = folder.path(std::to_string(seed));
    model.write(name + "a.onnx");
    permuted.write(name + "b.onnx");
    const auto inputs = random_inputs(model, 1, 2, 4);
    jobs.push_back({name + "a.onnx", {inputs}});
    jobs.push_back({name + "b.onnx", {inputs}});
  }
  EXPECT_GT(moved, count * 9 / 10);
  EXPECT_GT(with_groups, count / 4);  // whole groups or heads move too
  const std::vector<EngineAnswer> answers = engine->run(jobs);
  for (int i = 0; i < count; ++i) {
    const EngineAnswer& a = answers[static_cast<std::size_t>(2 * i)];
    const EngineAnswer& b = answers[static_cast<std::size_t>(2 * i + 1)];
    ASSERT_EQ(a.error, "") << "seed " << i + 1;
    ASSERT_EQ(b.error, "") << "seed " << i + 1;
    NumericalProof proof{"", 1, 0, 0, true, {}};
    // Normalisations of nearly equal elements amplify rounding: an input changed in its last bit changes some
    // outputs by 1e-3. A wrong coupling changes them by much more (completeness_test.cpp).
    compare_answers(a, b, 5e-3, proof);
    EXPECT_TRUE(proof.equal) << "seed " << i + 1 << ": " << proof.max_abs_difference << " of "
                             << proof.max_abs_output;
  }
}

}  // namespace
}  // namespace nmperm::testing
