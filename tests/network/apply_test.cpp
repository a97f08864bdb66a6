// From sets to a permuted, pruned, proven and restored network.
#include "network/apply.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "heuristics/channel_swap.h"
#include "network/helper_process.h"
#include "network/report.h"
#include "network/verify.h"
#include "network/weight_matrix.h"
#include "tests/network/engine.h"
#include "tests/network/model_builder.h"
#include "tests/support/refusal.h"

namespace nmperm::testing {
namespace {

using ::testing::HasSubstr;

/// x, a convolution to 16 + 16 concatenated channels, a convolution of them to 32, and one to the output.
ModelBuilder concat_net(std::int64_t second = 16) {
  ModelBuilder net;
  net.input("x", {1, 3, 4, 4});
  net.node("Conv", {"x", net.weight("w1", {16, 3, 1, 1})}, "c1");
  net.node("Conv", {"x", net.weight("w2", {second, 3, 1, 1})}, "c2");
  net.node("Concat", {"c1", "c2"}, "cat", {{"axis", std::int64_t{1}}});
  net.node("Conv", {"cat", net.weight("w3", {32, 16 + second, 1, 1})}, "c3");
  net.output(net.node("Conv", {"c3", net.weight("w4", {8, 32, 3, 3})}, "c4"));
  return net;
}

NetworkSearch short_search() {
  NetworkSearch search;
  search.parameters.limits.iterations = 50;
  search.parameters.threads = 2;
  return search;
}

struct Applied {
  OnnxModel original, permuted;
  NetworkPlan plan;
  std::vector<SetResult> results;
  PermutationRecord record;
};

Applied apply(const ModelBuilder& net) {
  Applied result{net.model(), net.model(), {}, {}, {}};
  result.plan = plan_network(result.original, Pattern{}, PruningRule());
  result.results = search_sets(result.original, result.plan, ChannelSwapSolver(), short_search());
  std::vector<ChannelOrder> orders;
  for (std::size_t s = 0; s < result.results.size(); ++s) {
    orders.push_back({result.plan.sets[s].classes,
                      channel_order(result.plan.sets[s], result.results[s].result.permutation)});
  }
  result.record = record_of(result.original, result.plan.coupling, Pattern{}, orders);
  apply_record(result.permuted, result.record);
  return result;
}

TEST(NetworkPlan, CountsWeightsByTheRuleAndSaysWhyOthersStay) {
  const Applied applied = apply(concat_net());
  const Coverage coverage = applied.plan.coverage();
  EXPECT_EQ(coverage.prunable_elements, 32 * 32 + 8 * 32 * 9);  // not the first two: three input channels
  EXPECT_EQ(coverage.free_elements, coverage.prunable_elements);
  ASSERT_EQ(applied.plan.sets.size(), 3U);
  EXPECT_EQ(applied.plan.sets[0].channels(), 32);
  EXPECT_EQ(applied.plan.sets[0].producers[0].tensor, "w3");
  EXPECT_EQ(applied.plan.sets[0].consumers[0].tensor, "w4");
  EXPECT_EQ(applied.plan.weights[0].tensor, "w1");
  EXPECT_EQ(applied.plan.weights[0].reason, "its 3 input channels are not divisible by 16");
}

TEST(NetworkPlan, PinnedWeightsCountAsPrunableAndNotAsFree) {
  ModelBuilder net;
  net.input("x", {1, 32});
  net.output(net.node("MatMul", {"x", net.weight("w", {32, 8})}, "y"));
  const OnnxModel model = net.model();
  const NetworkPlan plan = plan_network(model, Pattern{}, PruningRule());
  EXPECT_EQ(plan.coverage().prunable_elements, 256);
  EXPECT_EQ(plan.coverage().free_elements, 0);
  EXPECT_EQ(plan.weights[0].reason, "its input channels are tied to the graph input 'x'");
}

TEST(NetworkPlan, GroupsThatStraddleTwoSetsAreLeftWhereTheyAre) {
  ModelBuilder net;
  net.input("x", {1, 3, 4, 4});
  net.node("Conv", {"x", net.weight("w1", {10, 3, 1, 1})}, "c1");
  net.node("Conv", {"x", net.weight("w2", {22, 3, 1, 1})}, "c2");
  net.node("Concat", {"c1", "c2"}, "cat", {{"axis", std::int64_t{1}}});
  net.output(net.node("Conv", {"cat", net.weight("w3", {8, 32, 1, 1})}, "c3"));
  const Applied applied = apply(net);
  ASSERT_EQ(applied.plan.sets.size(), 2U);
  EXPECT_EQ(applied.plan.sets[0].channels(), 22);
  EXPECT_EQ(applied.plan.sets[0].columns.size(), 20U);  // columns 12..31 of w3
  EXPECT_EQ(applied.plan.sets[1].columns.size(), 8U);   // columns 0..7
}

TEST(PruningRule, SelectsBySizeAndName) {
  PrunableWeight weight;
  weight.node = "layer1/conv";
  weight.input_channels = 16;
  weight.output_channels = 8;
  EXPECT_EQ(PruningRule().size_refusal(weight, {2, 4}), "");
  EXPECT_THAT(PruningRule("inputs=32", "", "").size_refusal(weight, {2, 4}),
              HasSubstr("not divisible by 32"));
  EXPECT_THAT(PruningRule("outputs=1,inputs=1", "", "").size_refusal(weight, {1, 3}),
              HasSubstr("groups of 3"));
  EXPECT_EQ(PruningRule("", "layer1", "").name_refusal(weight, "w"), "");
  EXPECT_EQ(PruningRule("", "^w$", "").name_refusal(weight, "w"), "");
  EXPECT_NE(PruningRule("", "layer2", "").name_refusal(weight, "w"), "");
  EXPECT_NE(PruningRule("", "", "conv").name_refusal(weight, "w"), "");
  for (const char* rule : {"outputs", "outputs=0", "outputs=x", "rows=3", "outputs=8;inputs=16"}) {
    EXPECT_THAT(refusal_of([&] { PruningRule(rule, "", ""); }), HasSubstr("--rule")) << rule;
  }
  EXPECT_THAT(refusal_of([] { PruningRule("", "(", ""); }), HasSubstr("--include"));
}

TEST(Apply, TheKeptMagnitudeOfTheNetworkIsThatOfItsSets) {
  const Applied applied = apply(concat_net());
  const Magnitude network = network_magnitude(applied.original, applied.permuted, applied.plan);
  double kept = 0;
  for (const SetResult& found : applied.results) kept += found.result.magnitude.kept;
  EXPECT_NEAR(network.kept, kept, 1e-6 * kept);
  EXPECT_GT(network.kept, network.default_kept);
  EXPECT_LE(network.kept, network.row_bound);
}

TEST(Apply, IsProvenByStructureAndUndone) {
  const ModelBuilder net = concat_net();
  Applied applied = apply(net);
  EXPECT_FALSE(applied.record.axes.empty());
  EXPECT_TRUE(compare_structure(applied.original, applied.permuted).equal);
  EXPECT_TRUE(compare_structure(applied.permuted, applied.original).equal);
  EXPECT_NE(applied.original.constant_bytes(2), applied.permuted.constant_bytes(2));
  EXPECT_THAT(refusal_of([&] { apply_record(applied.permuted, applied.record); }),
              HasSubstr("permuted already"));
  undo(applied.permuted);
  for (int i = 0; i < applied.original.constant_count(); ++i) {
    EXPECT_EQ(applied.original.constant_bytes(i), applied.permuted.constant_bytes(i));
  }
  EXPECT_EQ(applied.permuted.metadata(kRecordKey), std::nullopt);
  EXPECT_THAT(refusal_of([&] { undo(applied.permuted); }), HasSubstr("no permutations to undo"));
}

TEST(Apply, EveryChangedByteIsFoundByTheStructure) {
  const Applied applied = apply(concat_net());
  for (int i = 0; i < applied.original.constant_count(); ++i) {
    Applied changed = apply(concat_net());
    auto bytes = changed.permuted.constant_bytes(i);
    bytes[bytes.size() / 2] ^= std::byte{1};
    changed.permuted.replace_constant(i, bytes);
    const StructuralProof proof = compare_structure(changed.original, changed.permuted);
    EXPECT_FALSE(proof.equal);
    EXPECT_THAT(proof.difference, HasSubstr(changed.original.constant(i).name));
  }
  ModelBuilder other = concat_net();
  other.proto().mutable_graph()->mutable_node(0)->set_op_type("Convolution");
  EXPECT_THAT(compare_structure(applied.original, other.model()).difference,
              HasSubstr("outside of their weights"));
}

TEST(Apply, PruningKeepsThePatternAndWhatItKept) {
  Applied applied = apply(concat_net());
  const double kept = network_magnitude(applied.original, applied.permuted, applied.plan).kept;
  prune_weights(applied.permuted, applied.record, applied.plan);
  double left = 0;
  for (const PlannedWeight& weight : applied.plan.weights) {
    if (!weight.selected) continue;
    const StoredConstant& constant = applied.permuted.constant(weight.weight.constant);
    const WeightLayout layout(constant.dims, 1);
    const auto values =
        to_float32(constant.type, applied.permuted.constant_bytes(weight.weight.constant), "w");
    for (int r = 0; r < layout.rows(); ++r) {
      for (int c = 0; c < layout.columns(); c += 4) {
        int nonzero = 0;
        for (int i = 0; i < 4; ++i) {
          nonzero += values[layout.offset(r, c + i)] != 0 ? 1 : 0;
          left += std::fabs(static_cast<double>(values[layout.offset(r, c + i)]));
        }
        ASSERT_LE(nonzero, 2);
      }
    }
  }
  EXPECT_NEAR(left, kept, 1e-6 * kept);
  const StructuralProof proof = compare_structure(applied.original, applied.permuted);
  EXPECT_TRUE(proof.equal) << proof.difference;
  EXPECT_TRUE(proof.pruned);
  undo(applied.permuted);
  EXPECT_FALSE(compare_structure(applied.original, applied.permuted).equal);  // zeros stay
}

TEST(Apply, ChannelsOfAFlattenAreOrderedByWhereTheirRunsBegin) {
  ModelBuilder net;
  net.input("x", {1, 3, 3, 3});
  net.node("Conv", {"x", net.weight("w1", {32, 3, 1, 1})}, "c1");
  net.node("Flatten", {"c1"}, "f");
  net.weight("w2", {16, 288});
  // Every channel has two large columns of nine, side by side: which of them share a group depends on the
  // start.
  auto& tensor = *net.proto().mutable_graph()->mutable_initializer(1);
  std::vector<float> values(16 * 288, 0.01F);
  for (std::size_t r = 0; r < 16; ++r) {
    for (std::size_t c = 0; c < 32; ++c) {
      for (std::size_t i = 0; i < 3; ++i) values[r * 288 + c * 9 + c % 4 + i] = 1;
    }
  }
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  net.output(net.node("Gemm", {"f", "w2"}, "y", {{"transB", std::int64_t{1}}}));
  const Applied applied = apply(net);
  ASSERT_EQ(applied.plan.sets.size(), 1U);
  EXPECT_TRUE(applied.plan.sets[0].runs);
  const Magnitude network = network_magnitude(applied.original, applied.permuted, applied.plan);
  EXPECT_GT(network.kept, network.default_kept);
  EXPECT_NEAR(network.kept, applied.results[0].result.magnitude.kept, 1e-6 * network.kept);
  EXPECT_TRUE(compare_structure(applied.original, applied.permuted).equal);
}

TEST(Apply, SearchesAreRepeatableForAnyNumberOfThreads) {
  const OnnxModel model = concat_net().model();
  const NetworkPlan plan = plan_network(model, Pattern{}, PruningRule());
  NetworkSearch search = short_search();
  const auto two = search_sets(model, plan, ChannelSwapSolver(), search);
  search.parameters.threads = 1;
  const auto one = search_sets(model, plan, ChannelSwapSolver(), search);
  for (std::size_t s = 0; s < one.size(); ++s)
    EXPECT_EQ(one[s].result.permutation, two[s].result.permutation);
}

TEST(Apply, TheSparseProductsOfPrunedWeightsAreRight) {
  const Applied applied = apply(concat_net());
  const auto checks = check_products(applied.permuted, applied.plan);
  ASSERT_EQ(checks.size(), 2U);
  for (const SparseProductCheck& check : checks) EXPECT_LT(check.max_relative_error, 1e-6) << check.tensor;
}

TEST(Apply, AWeightThatIsNotFiniteIsRefused) {
  ModelBuilder net = concat_net();
  const float infinity = INFINITY;
  std::memcpy(net.proto().mutable_graph()->mutable_initializer(2)->mutable_raw_data()->data(), &infinity, 4);
  EXPECT_THAT(refusal_of([&] { (void)apply(net); }), HasSubstr("model.onnx:w3: element 0: is not finite"));
}

TEST(Verify, OutputsOfAnotherNetworkDiffer) {
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  const TemporaryFolder folder;
  const ModelBuilder net = concat_net();
  const Applied applied = apply(net);
  net.save(folder.path("a.onnx"));
  applied.permuted.write(folder.path("b.onnx"));
  NumericalOptions options;
  const auto compare = [&] {
    return compare_outputs(*engine, OnnxModel::read(folder.path("a.onnx")), folder.path("a.onnx"),
                           OnnxModel::read(folder.path("b.onnx")), folder.path("b.onnx"), options);
  };
  const NumericalProof same = compare();
  EXPECT_TRUE(same.equal);
  EXPECT_GT(same.max_abs_output, 0);
  EXPECT_EQ(same.inputs, 3);
  OnnxModel wrong = OnnxModel::read(folder.path("a.onnx"));
  auto bytes = wrong.constant_bytes(2);
  std::rotate(bytes.begin(), bytes.begin() + 4, bytes.end());
  wrong.replace_constant(2, bytes);
  wrong.write(folder.path("b.onnx"));
  EXPECT_FALSE(compare().equal);
  std::ofstream(folder.path("b.onnx")) << concat_net(32).bytes();
  EXPECT_FALSE(compare().equal);
}

}  // namespace
}  // namespace nmperm::testing
