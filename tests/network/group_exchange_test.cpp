// Whole groups and heads trade places where that keeps more.
#include "network/group_exchange.h"

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "heuristics/channel_swap.h"
#include "network/element_scores.h"
#include "network/helper_process.h"
#include "network/permuted_network.h"
#include "tests/network/coupled_net.h"
#include "tests/network/engine.h"

namespace nmperm::testing {
namespace {

/// x, a convolution to `groups` times `inputs` channels, a grouped one to `groups` times `width`, and one of
/// all channels to the output.
Net grouped_net(std::int64_t groups, std::int64_t width, std::int64_t inputs = 2) {
  Net net;
  const std::int64_t channels = groups * width;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", groups * inputs, 3);
  net.weight("g.b", {channels});
  net.node("Conv", {"c1", net.weight("g.w", {channels, inputs, 3, 3}), "g.b"}, "g",
           {{"group", groups}, {"pads", Ints(4, 1)}});
  net.output(net.conv(net.node("Relu", {"g"}, "r"), "last", 16, channels));
  return net;
}

/// [1, 5, 3] through attention of `heads` heads of 6 channels.
Net attention_net(std::int64_t heads) {
  Net net;
  const std::int64_t width = 6 * heads;
  net.input("x", {1, 5, 3});
  net.linear("x", "in", 3, 16);
  const auto split = [&](const std::string& name, const Ints& order) {
    net.reshape(net.linear("in", name, 16, width), name + ".split", {1, 5, heads, 6});
    return net.node("Transpose", {name + ".split"}, name + ".t", {{"perm", order}});
  };
  net.node("MatMul", {split("q", {0, 2, 1, 3}), split("k", {0, 2, 3, 1})}, "scores");
  net.node("Softmax", {"scores"}, "shares", {{"axis", std::int64_t{-1}}});
  net.node("MatMul", {"shares", split("v", {0, 2, 1, 3})}, "mixed");
  net.node("Transpose", {"mixed"}, "back", {{"perm", Ints{0, 2, 1, 3}}});
  net.output(net.linear(net.reshape("back", "joined", {1, 5, width}), "out", width, 16));
  return net;
}

NetworkSearch short_search() {
  NetworkSearch search;
  search.parameters.limits.iterations = 100;
  search.parameters.threads = 1;
  return search;
}

PruningRule small_rule() {
  return {"outputs=8,inputs=4", "^(last|out).w$", ""};
}

GroupExchange exchange(const OnnxModel& model, const NetworkPlan& plan) {
  return exchange_groups(model, plan, short_search());
}

/// The scores of a weight with its input channels as columns.
ScoreMatrix scores_of(const OnnxModel& model, const std::string& tensor, int axis) {
  const int index = model.find_constant(tensor);
  return score_matrix(model.constant(index), model.constant_bytes(index), axis, {}, {}, tensor);
}

/// The most that any order of whole groups keeps.
double best_of_all(const ScoreMatrix& scores, const Pattern& pattern, int width) {
  Permutation order = identity_permutation(scores.columns() / width);
  double best = 0;
  do {
    Permutation columns;
    for (const int group : order) {
      for (int i = 0; i < width; ++i) columns.push_back(group * width + i);
    }
    best = std::max(best, kept_magnitude(scores, pattern, columns));
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

TEST(GroupExchange, GroupsAreDealtToTheGroupsOfColumnsAsWellAsCanBe) {
  const std::vector<std::pair<int, Pattern>> cases = {{2, {2, 4}}, {4, {4, 8}}};
  for (const auto& [width, pattern] : cases) {
    const OnnxModel model = grouped_net(6, width).model();
    const NetworkPlan plan = plan_network(model, pattern, small_rule());
    ASSERT_EQ(plan.group_sets.size(), 1U);
    EXPECT_TRUE(plan.group_sets[0].straddles);
    EXPECT_EQ(plan.group_sets[0].groups(), 6);
    EXPECT_EQ(plan.group_sets[0].consumers[0].tensor, "last.w");
    const GroupExchange found = exchange(model, plan);
    const ScoreMatrix scores = scores_of(model, "last.w", 1);
    const GroupResult& result = found.results[0];
    EXPECT_GT(result.magnitude.kept, result.magnitude.default_kept);
    EXPECT_NEAR(result.magnitude.kept, best_of_all(scores, pattern, static_cast<int>(width)),
                1e-9 * result.magnitude.kept);
  }
}

TEST(GroupExchange, WhereGroupsBeginAtMultiplesOfMNothingIsSearched) {
  const OnnxModel model = grouped_net(4, 8).model();
  const NetworkPlan plan = plan_network(model, {2, 4}, small_rule());
  ASSERT_EQ(plan.group_sets.size(), 1U);
  EXPECT_FALSE(plan.group_sets[0].straddles);
  const GroupExchange found = exchange(model, plan);
  EXPECT_FALSE(found.results[0].searched);
  EXPECT_TRUE(found.orders.empty());
}

TEST(GroupExchange, ChannelsThatStraddleMoveInsideTheirGroupsToo) {
  const OnnxModel model = grouped_net(2, 6).model();
  const NetworkPlan plan = plan_network(model, {2, 4}, small_rule());
  const GroupResult result = exchange(model, plan).results.at(0);
  EXPECT_GT(result.magnitude.kept, 1.001 * best_of_all(scores_of(model, "last.w", 1), {2, 4}, 6));
}

TEST(GroupExchange, AnInterruptedSearchIsNeverWorseThanItsStart) {
  const OnnxModel model = grouped_net(16, 2).model();
  const NetworkPlan plan = plan_network(model, {2, 4}, small_rule());
  const std::atomic<bool> interrupt = true;
  NetworkSearch search = short_search();
  search.parameters.interrupt = &interrupt;
  const GroupResult result = exchange_groups(model, plan, search).results.at(0);
  EXPECT_GE(result.magnitude.kept, result.magnitude.default_kept);
}

TEST(GroupExchange, SetsThatShareAWeightAreSearchedInTurn) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv(net.conv("x", "a1", 10, 3), "a", 10, 10, 5);
  net.conv(net.conv("x", "b1", 6, 3), "b", 6, 6, 3);
  net.node("Concat", {"a", "b"}, "cat", {{"axis", std::int64_t{1}}});
  net.output(net.conv("cat", "last", 16, 16));
  const OnnxModel model = net.model();
  const NetworkPlan plan = plan_network(model, {2, 4}, small_rule());
  ASSERT_EQ(plan.group_sets.size(), 2U);
  const GroupExchange found = exchange(model, plan);
  EXPECT_GT(found.results[0].magnitude.kept, found.results[0].magnitude.default_kept);
  EXPECT_GE(found.results[1].magnitude.kept, found.results[1].magnitude.default_kept);
  EXPECT_EQ(found.results[1].magnitude.default_kept, found.results[0].magnitude.kept);
  OnnxModel permuted = net.model();
  apply_record(permuted, record_of(model, plan.coupling, plan.pattern, found.orders));
  const Magnitude network = network_magnitude(model, permuted, plan);
  EXPECT_NEAR(network.kept, found.results[1].magnitude.kept, 1e-9 * network.kept);
}

/// Searches, proves, prunes, and restores a network.
void expect_whole_way(const Net& net, const Pattern& pattern, const PruningRule& rule, bool prune) {
  const TemporaryFolder folder;
  net.save(folder.path("model.onnx"));
  PermutedNetwork network(OnnxModel::read(folder.path("model.onnx")), "model.onnx", pattern, rule,
                          ChannelSwapSolver(), short_search());
  PermutedNetwork again(OnnxModel::read(folder.path("model.onnx")), "model.onnx", pattern, rule,
                        ChannelSwapSolver(), short_search());
  EXPECT_EQ(to_json(network.record()), to_json(again.record()));
  const auto report = nlohmann::json::parse(to_json(network.report("model.onnx")));
  EXPECT_GT(report["magnitude"]["kept"], report["magnitude"]["default"]);
  EXPECT_EQ(report["coverage"]["free_elements"], report["coverage"]["prunable_elements"]);
  ASSERT_EQ(report["group_sets"].size(), 1U);
  EXPECT_TRUE(report["group_sets"][0]["straddle"]);
  if (const auto engine = find_test_engine()) {
    network.compare_outputs(*engine, folder.path("model.onnx"), {});  // throws where they differ
  }
  if (prune) {
    network.prune();  // proves the zeros, with columns that came with their blocks
    return;
  }
  network.model().write(folder.path("out.onnx"));
  OnnxModel back = OnnxModel::read(folder.path("out.onnx"));
  undo(back);
  back.write(folder.path("back.onnx"));
  EXPECT_EQ(OnnxModel::read(folder.path("back.onnx")).skeleton_sha256(""),
            OnnxModel::read(folder.path("model.onnx")).skeleton_sha256(""));
  for (int i = 0; i < back.constant_count(); ++i) {
    EXPECT_EQ(back.constant_bytes(i), net.model().constant_bytes(i)) << back.constant(i).name;
  }
}

TEST(GroupExchange, NetworksWhoseGroupsTradedComputeTheSameAndAreRestored) {
  for (const bool prune : {false, true}) {
    expect_whole_way(grouped_net(8, 2), {2, 4}, small_rule(), prune);
    expect_whole_way(grouped_net(8, 4), {4, 8}, small_rule(), prune);
    expect_whole_way(grouped_net(8, 6), {2, 4}, small_rule(), prune);
    expect_whole_way(grouped_net(8, 6, 8), {2, 4}, {"outputs=8,inputs=4", "", ""},
                     prune);  // g.w is pruned too
  }
}

TEST(GroupExchange, NetworksWhoseHeadsTradedComputeTheSameAndAreRestored) {
  for (const bool prune : {false, true}) expect_whole_way(attention_net(4), {2, 4}, small_rule(), prune);
}

TEST(GroupExchange, TheReportsOrdersAreTheRecords) {
  const Net net = grouped_net(8, 6);
  const PermutedNetwork network(net.model(), "model.onnx", {2, 4}, small_rule(), ChannelSwapSolver(),
                                short_search());
  const auto report = nlohmann::json::parse(to_json(network.report("model.onnx")));
  const Permutation groups = report["group_sets"][0]["permutation"];
  Permutation columns;
  for (const int group : groups) {
    for (int i = 0; i < 6; ++i) columns.push_back(6 * group + i);
  }
  // The sets are named after their producer, group by group.
  Permutation expected = columns;
  for (const auto& set : report["sets"]) {
    if (set["consumers"][0]["tensor"] != "last.w") continue;
    const std::string name = set["name"];
    const int group = std::stoi(name.substr(name.find('#') + 1)) - 1;
    const Permutation inner = set["permutation"];
    for (std::size_t i = 0; i < inner.size(); ++i) {
      const auto first = static_cast<std::size_t>(6 * group);
      expected[first + i] = columns[first + static_cast<std::size_t>(inner[i])];
    }
  }
  const auto& axes = network.record().axes;
  const auto found = std::find_if(axes.begin(), axes.end(),
                                  [](const auto& axis) { return axis.tensor == "last.w" && axis.axis == 1; });
  ASSERT_NE(found, axes.end());
  EXPECT_EQ(found->permutation, expected);
}

}  // namespace
}  // namespace nmperm::testing
