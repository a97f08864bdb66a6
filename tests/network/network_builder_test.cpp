// Networks that another importer describes are planned and permuted as those of ONNX files.
#include "network/network_builder.h"

#include <cstring>

#include <gtest/gtest.h>

#include "core/error.h"
#include "network/network_plan.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

constexpr auto kFloat = ElementType::kFloat32;

/// A builder whose constants are filled with different numbers.
class Described : public ::testing::Test {
 protected:
  void constant(const std::string& name, const Shape& dims) {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) count *= dim;
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i % 97) - 48);
    builder_.add_constant(name, kFloat, dims, std::as_bytes(std::span(values)));
  }
  void node(const std::string& operation, const std::vector<std::string>& inputs, const std::string& output,
            const OperationAttributes& attributes = {}) {
    builder_.add_node(operation, "make " + output, inputs, {output}, attributes);
  }
  /// The plan with the output `output`; every weight may be selected.
  NetworkPlan plan(const std::string& output) {
    builder_.add_output(output);
    model_.emplace(builder_.build());
    return plan_network(*model_, Pattern{}, PruningRule("outputs=1,inputs=4", "", ""));
  }
  static std::vector<std::string> weights(const NetworkPlan& plan) {
    std::vector<std::string> names;
    for (const PlannedWeight& weight : plan.weights) names.push_back(weight.tensor);
    return names;
  }

  NetworkBuilder builder_{"described"};
  std::optional<OnnxModel> model_;
};

const OperationAttributes kTransposed = {{"transB", std::int64_t{1}}};
using Names = std::vector<std::string>;

TEST_F(Described, ChannelsBetweenTwoProductsMove) {
  builder_.add_input("x", kFloat, {kUnknownDimension, 8});
  constant("a", {16, 8});
  constant("b", {4, 16});
  node("Gemm", {"x", "a"}, "h", kTransposed);
  node("Gemm", {"h", "b"}, "y", kTransposed);
  const NetworkPlan found = plan("y");
  EXPECT_EQ(weights(found), (Names{"a", "b"}));
  ASSERT_EQ(found.sets.size(), 1U);
  EXPECT_EQ(found.sets[0].channels(), 16);
  EXPECT_EQ(found.sets[0].consumers.at(0).tensor, "b");
  EXPECT_EQ(model_->path(), "described");
}

TEST_F(Described, OperationsOfOtherDomainsPinWhatTheyTouchAndAreNamed) {
  builder_.add_input("x", kFloat, {kUnknownDimension, 8});
  constant("a", {16, 8});
  constant("b", {4, 16});
  node("Gemm", {"x", "a"}, "h", kTransposed);
  node("torch::sort", {"h"}, "s");
  node("Gemm", {"s", "b"}, "y", kTransposed);
  const NetworkPlan found = plan("y");
  EXPECT_TRUE(found.sets.empty());
  EXPECT_NE(found.weights.at(1).reason.find("torch::sort 'make s'"), std::string::npos)
      << found.weights.at(1).reason;
}

TEST_F(Described, WhatWorksOnEachChannelByItselfLeavesThemFree) {
  builder_.add_input("x", kFloat, {kUnknownDimension, 3, 9, 9});
  constant("a", {16, 3, 3, 3});
  constant("b", {4, 16, 1, 1});
  node("Conv", {"x", "a"}, "h");
  node("torch::per_channel", {"h"}, "p");
  node("Conv", {"p", "b"}, "y");
  EXPECT_EQ(plan("y").sets.size(), 1U);
}

TEST_F(Described, AnActivationIsNoWeightEvenIfItHasTheLabelsOfOne) {
  builder_.add_input("x", kFloat, {5, kUnknownDimension, 8});
  constant("w", {1, 48, 8});
  constant("r", {1, 48, 16});
  constant("b", {4, 16});
  builder_.add_node("GRU", "gru", {"x", "w", "r"}, {"steps", "last"}, {});
  node("Squeeze", {"last"}, "h", {{"axes", std::vector<std::int64_t>{0}}});
  node("Gemm", {"h", "b"}, "y", kTransposed);
  const NetworkPlan found = plan("y");
  EXPECT_EQ(weights(found), Names{"b"});
  EXPECT_EQ(found.sets.size(), 1U);
}

TEST_F(Described, ATableThatIsLookedUpIsAWeightWhereItIsMultipliedToo) {
  builder_.add_input("tokens", ElementType::kInt64, {kUnknownDimension, 5});
  constant("table", {20, 16});
  node("Gather", {"table", "tokens"}, "x");
  node("Transpose", {"table"}, "t");
  node("MatMul", {"x", "t"}, "y");
  const NetworkPlan found = plan("y");
  ASSERT_EQ(weights(found), Names{"table"});
  EXPECT_EQ(found.weights[0].weight.output_channels, 20);
  EXPECT_EQ(found.weights[0].weight.input_channels, 16);
  EXPECT_TRUE(found.weights[0].free);
}

/// h reshaped to [size of the batch, -1] (or the other way round), as exporters write x.view(x.size(0), -1).
class BatchReshaped : public Described {
 protected:
  void write(bool turned) {
    builder_.add_input("x", kFloat, {kUnknownDimension, 8});
    constant("a", {16, 8});
    constant("b", {4, 16});
    const std::int64_t zero = 0, rest = -1;
    builder_.add_constant("zero", ElementType::kInt64, {}, std::as_bytes(std::span(&zero, 1)));
    builder_.add_constant("rest", ElementType::kInt64, {1}, std::as_bytes(std::span(&rest, 1)));
    node("Gemm", {"x", "a"}, "h", kTransposed);
    node("Shape", {"h"}, "shape");
    node("Gather", {"shape", "zero"}, "batch");
    node("Unsqueeze", {"batch"}, "n", {{"axes", std::vector<std::int64_t>{0}}});
    node("Concat", turned ? Names{"rest", "n"} : Names{"n", "rest"}, "wanted", {{"axis", std::int64_t{0}}});
    node("Reshape", {"h", "wanted"}, "r");
    node(turned ? "Transpose" : "Identity", {"r"}, "s");  // turned: one row of h is spread over all of s
    node("Gemm", {"s", "b"}, "y", kTransposed);
  }
};

TEST_F(BatchReshaped, AShapeThatIsComputedFromTheBatchIsFollowed) {
  write(false);
  EXPECT_EQ(plan("y").sets.size(), 1U);
}

TEST_F(BatchReshaped, ChannelsThatMixWithTheBatchArePinned) {
  write(true);
  EXPECT_TRUE(plan("y").sets.empty());
}

TEST_F(Described, ACopyHasItsOwnElements) {
  builder_.add_input("x", kFloat, {kUnknownDimension, 8});
  constant("a", {16, 8});
  node("Gemm", {"x", "a"}, "y", kTransposed);
  (void)plan("y");
  OnnxModel copy = model_->clone();
  const auto before = model_->constant_bytes(0);
  copy.replace_constant(0, std::vector<std::byte>(before.size()));
  EXPECT_EQ(model_->constant_bytes(0), before);
  EXPECT_EQ(copy.skeleton_sha256("none"), model_->skeleton_sha256("none"));
}

TEST_F(Described, ElementsThatDoNotFitAreRefused) {
  const std::vector<std::byte> few(12);
  const std::string line = testing::refusal_of<InputError>([&] {
    builder_.add_constant("a", kFloat, {2, 2}, few);
  });
  EXPECT_NE(line.find("'a'"), std::string::npos) << line;
  const std::string other =
      testing::refusal_of<InputError>([&] { builder_.add_constant("a", ElementType::kOther, {3}, few); });
  EXPECT_NE(other.find("type"), std::string::npos) << other;
}

TEST_F(Described, ANameMeansOneTensor) {
  builder_.add_input("x", kFloat, {kUnknownDimension, 8});
  constant("a", {16, 8});
  constant("a", {16, 8});
  node("Gemm", {"x", "a"}, "y", kTransposed);
  const std::string line = testing::refusal_of<InputError>([&] { (void)plan("y"); });
  EXPECT_NE(line.find("'a': is defined twice"), std::string::npos) << line;
}

}  // namespace
}  // namespace nmperm
