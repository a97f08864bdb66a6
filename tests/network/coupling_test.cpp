// What each operation does to channels.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/network/coupled_net.h"

namespace nmperm::testing {
namespace {

using ::testing::HasSubstr;
TEST(Coupling, ConvolutionsPassChannelsFromRowsToColumns) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.output(net.conv(net.node("Relu", {net.conv("x", "c1", 4, 3)}, "r"), "c2", 5, 4, 1, 3));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c1.w", 0), "aaaa");
  EXPECT_EQ(coupled.word("c2.w", 1), "aaaa");
  EXPECT_TRUE(coupled.together("c1.w", 0, 2, "c2.w", 1, 2));
  EXPECT_EQ(coupled.word("c1.w", 1), "...");
  EXPECT_THAT(coupled.reason("c1.w", 1), HasSubstr("graph input 'x'"));
  EXPECT_EQ(coupled.word("c2.w", 0), ".....");
  EXPECT_THAT(coupled.reason("c2.w", 0), HasSubstr("graph output 'c2'"));
}

TEST(Coupling, ResidualsNormalisationsAndSlopesMoveTogether) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 4, 3);
  const std::vector<std::string> vectors = {"c1", net.weight("s", {4}), net.weight("b", {4}),
                                            net.weight("m", {4}), net.weight("v", {4}, 2)};
  net.node("BatchNormalization", vectors, "bn");
  net.node("PRelu", {"bn", net.weight("slope", {4, 1, 1})}, "p");
  net.node("Add", {"p", net.conv("p", "c2", 4, 4)}, "sum");
  net.output(net.conv("sum", "c3", 2, 4));
  const Coupled coupled(net);
  for (const char* tensor : {"s", "b", "m", "v", "slope", "c1.w", "c2.w"}) {
    EXPECT_EQ(coupled.word(tensor, 0), "aaaa") << tensor;
    EXPECT_TRUE(coupled.together(tensor, 0, 3, "c3.w", 1, 3)) << tensor;
  }
  EXPECT_TRUE(coupled.together("c2.w", 0, 1, "c2.w", 1, 1));
}

TEST(Coupling, PartsOfAConcatHavePermutationsOfTheirOwn) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.node("Concat", {net.conv("x", "c1", 4, 3), net.conv("x", "c2", 3, 3), net.conv("x", "c3", 2, 3)}, "cat",
           {{"axis", std::int64_t{1}}});
  net.output(net.conv("cat", "c4", 2, 9));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c4.w", 1), "aaaabbbcc");
  EXPECT_TRUE(coupled.together("c2.w", 0, 0, "c4.w", 1, 4));
}

TEST(Coupling, AConcatOfATensorWithItselfMovesBothCopies) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 3, 3);
  net.node("Concat", {"c1", net.node("Relu", {"c1"}, "r")}, "cat", {{"axis", std::int64_t{1}}});
  net.output(net.conv("cat", "c2", 2, 6));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c2.w", 1), "aaaaaa");
  EXPECT_TRUE(coupled.together("c2.w", 1, 1, "c2.w", 1, 4));
}

TEST(Coupling, GroupedConvolutionsMoveChannelsInsideTheirGroups) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 8, 3);
  net.conv("c1", "c2", 6, 8, 2);
  net.output(net.conv("c2", "c3", 2, 6));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c1.w", 0), "aaaabbbb");
  EXPECT_EQ(coupled.word("c2.w", 1), "aaaabbbb");  // four columns in each of two groups
  EXPECT_EQ(coupled.word("c2.w", 0), "aaabbb");
  EXPECT_EQ(coupled.word("c3.w", 1), "aaabbb");
}

TEST(Coupling, DepthwiseConvolutionsTieTheirFiltersToTheirChannels) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 4, 3);
  net.conv("c1", "dw", 8, 4, 4, 3);  // two filters a channel
  net.output(net.conv("dw", "c2", 2, 8));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c1.w", 0), "aaaa");
  EXPECT_EQ(coupled.word("dw.w", 0), "aaaaaaaa");
  EXPECT_TRUE(coupled.together("c1.w", 0, 1, "dw.w", 0, 2));
  EXPECT_TRUE(coupled.together("c1.w", 0, 1, "c2.w", 1, 3));
}

TEST(Coupling, TransposedConvolutionsHaveTheirInputsInFront) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 8, 3);
  net.node("ConvTranspose", {"c1", net.weight("t1.w", {8, 4, 2, 2})}, "t1");
  net.node("ConvTranspose", {"t1", net.weight("t2.w", {4, 3, 2, 2})}, "t2", {{"group", std::int64_t{2}}});
  net.output(net.conv("t2", "c2", 2, 6));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("t1.w", 0), "aaaaaaaa");
  EXPECT_EQ(coupled.word("t1.w", 1), "aabb");
  EXPECT_EQ(coupled.word("t2.w", 0), "aabb");
  EXPECT_EQ(coupled.word("t2.w", 1), "aaabbb");
  EXPECT_EQ(coupled.word("c2.w", 1), "aaabbb");
}

TEST(Coupling, AFlattenMovesBlocksOfColumns) {
  Net net;
  net.input("x", {1, 3, 2, 2});
  net.output(net.linear(net.node("Flatten", {net.conv("x", "c1", 3, 3)}, "f"), "fc", 12, 2));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("fc.w", 0), std::string(12, 'a'));
  EXPECT_TRUE(coupled.together("c1.w", 0, 1, "fc.w", 0, 4));
  EXPECT_TRUE(coupled.together("c1.w", 0, 1, "fc.w", 0, 7));
  EXPECT_FALSE(coupled.together("c1.w", 0, 1, "fc.w", 0, 8));
}

TEST(Coupling, AShuffleAndASplitAreIndexMaps) {
  Net net;
  net.input("x", {1, 3, 2, 2});
  net.conv("x", "c1", 6, 3);
  net.reshape("c1", "five", {1, 2, 3, 2, 2});
  net.node("Transpose", {"five"}, "t", {{"perm", Ints{0, 2, 1, 3, 4}}});
  net.reshape("t", "shuffled", {1, 6, 2, 2});
  net.node("Split", {"shuffled"}, "half", {{"axis", std::int64_t{1}}}, 2);
  net.output(net.conv("half", "c2", 2, 3));
  net.output(net.conv("half:1", "c3", 2, 3));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c1.w", 0), "aababb" /* shuffled: 0 3 1 | 4 2 5 */);
  EXPECT_TRUE(coupled.together("c1.w", 0, 3, "c2.w", 1, 1));
  EXPECT_TRUE(coupled.together("c1.w", 0, 4, "c3.w", 1, 0));
  EXPECT_EQ(coupled.word("c2.w", 1), "aaa");
  EXPECT_EQ(coupled.word("c3.w", 1), "aaa");
}

TEST(Coupling, ZeroChannelsOfAPaddingAreFreeAmongThemselves) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 2, 3);
  net.node("Pad", {"c1", net.integers("pads", {0, 2, 0, 0, 0, 2, 0, 0})}, "pad");
  net.node("Add", {"pad", net.conv("x", "c2", 6, 3)}, "sum");
  net.output(net.conv("sum", "c3", 2, 6));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c3.w", 1), "aabbaa");
  EXPECT_EQ(coupled.word("c1.w", 0), "aa");
}

TEST(Coupling, AGateTiesItsChannelsToWhatItScales) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 4, 3);
  net.node("GlobalAveragePool", {"c1"}, "pool");
  net.node("Sigmoid", {net.conv(net.node("Relu", {net.conv("pool", "squeeze", 2, 4)}, "r"), "excite", 4, 2)},
           "s");
  net.output(net.conv(net.node("Mul", {"c1", "s"}, "scaled"), "c2", 2, 4));
  const Coupled coupled(net);
  EXPECT_TRUE(coupled.together("c1.w", 0, 2, "excite.w", 0, 2));
  EXPECT_TRUE(coupled.together("c1.w", 0, 2, "squeeze.w", 1, 2));
  EXPECT_EQ(coupled.word("excite.w", 0), "aaaa");
  EXPECT_EQ(coupled.word("squeeze.w", 0), "aa");
}

TEST(Coupling, PixelShuffleMovesTheChannelsOfAnOutputChannelTogether) {
  Net net;
  net.input("x", {1, 3, 2, 2});
  net.conv("x", "c1", 8, 3);
  net.node("DepthToSpace", {"c1"}, "d", {{"blocksize", std::int64_t{2}}, {"mode", std::string("CRD")}});
  net.output(net.conv("d", "c2", 2, 2));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c2.w", 1), "aa");
  EXPECT_TRUE(coupled.together("c1.w", 0, 0, "c1.w", 0, 3));
  EXPECT_FALSE(coupled.together("c1.w", 0, 0, "c1.w", 0, 4));
}

/// x, an operation on its channels, and a convolution; the word of the channels.
std::string word_around(const std::string& operation, const Attributes& attributes, int vectors,
                        std::int64_t size, int opset = 17) {
  Net net(opset);
  net.input("x", {1, 3, 4, 4});
  std::vector<std::string> inputs = {net.conv("x", "c1", 6, 3)};
  for (int i = 0; i < vectors; ++i) inputs.push_back(net.weight(fmt::format("v{}", i), {size}, 1));
  net.output(net.conv(net.node(operation, inputs, "op", attributes), "c2", 2, 6));
  return Coupled(net).word("c1.w", 0);
}

TEST(Coupling, NormalisationsAcrossChannelsAreRightOrPinned) {
  EXPECT_EQ(word_around("LRN", {{"size", std::int64_t{3}}}, 0, 0), "......");
  EXPECT_EQ(word_around("GroupNormalization", {{"num_groups", std::int64_t{2}}}, 2, 2, 18), "aaabbb");
  EXPECT_EQ(word_around("GroupNormalization", {{"num_groups", std::int64_t{2}}}, 2, 6, 21), "aaabbb");
  EXPECT_EQ(word_around("InstanceNormalization", {}, 2, 6), "aaaaaa");
  EXPECT_EQ(word_around("Softmax", {{"axis", std::int64_t{1}}}, 0, 0), "aaaaaa");
}

TEST(Coupling, WhatIsNotUnderstoodPins) {
  EXPECT_EQ(word_around("SomethingNew", {}, 0, 0), "......");
  EXPECT_EQ(word_around("MaxUnpool", {}, 0, 0), "......");
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 4, 3);
  net.node("Relu", {"c1"}, "foreign");
  net.proto().mutable_graph()->mutable_node(1)->set_domain("com.example");
  net.output(net.conv("foreign", "c2", 2, 4));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c1.w", 0), "....");
  EXPECT_EQ(coupled.word("c2.w", 1), "....");
  EXPECT_THAT(coupled.reason("c1.w", 0),
              HasSubstr("com.example::Relu 'foreign', an operation that is not followed"));
}

TEST(Coupling, WhatASubgraphReadsIsPinned) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.input("flag", {}, onnx::TensorProto::BOOL);
  net.conv("x", "c1", 4, 3);
  net.node("If", {"flag"}, "choice");
  for (const char* branch : {"then_branch", "else_branch"}) {
    auto* const attribute = net.proto().mutable_graph()->mutable_node(1)->add_attribute();
    attribute->set_name(branch);
    attribute->set_type(onnx::AttributeProto::GRAPH);
    auto* const node = attribute->mutable_g()->add_node();
    node->set_op_type("Relu");
    node->add_input("c1");
    node->add_output(branch);
    attribute->mutable_g()->add_output()->set_name(branch);
  }
  net.output(net.conv("c1", "c2", 2, 4));
  net.output("choice");
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c1.w", 0), "....");
  EXPECT_THAT(coupled.reason("c1.w", 0), HasSubstr("If 'choice'"));
}

/// An LSTM between two linear layers.
Net recurrent(std::int64_t directions) {
  Net net;
  net.input("x", {5, 1, 3});
  net.linear("x", "in", 3, 4);
  const std::vector<std::string> inputs = {"in", net.weight("w", {directions, 12, 4}),
                                           net.weight("r", {directions, 12, 3}),
                                           net.weight("b", {directions, 24})};
  net.node("LSTM", inputs, "y",
           {{"hidden_size", std::int64_t{3}},
            {"direction", std::string(directions == 2 ? "bidirectional" : "forward")}});
  net.node("Transpose", {"y"}, "t", {{"perm", Ints{0, 2, 1, 3}}});
  net.output(net.linear(net.reshape("t", "flat", {5, 1, 3 * directions}), "out", 3 * directions, 2));
  return net;
}

TEST(Coupling, HiddenUnitsMoveWithAllTheirGates) {
  const Coupled coupled(recurrent(1));
  EXPECT_EQ(coupled.word("w", 2), "aaaa");
  EXPECT_TRUE(coupled.together("in.w", 1, 3, "w", 2, 3));
  EXPECT_EQ(coupled.word("out.w", 0), "aaa");
  EXPECT_EQ(coupled.word("r", 2), "aaa");
  for (int gate = 0; gate < 4; ++gate) {
    EXPECT_TRUE(coupled.together("out.w", 0, 1, "w", 1, 3 * gate + 1));
    EXPECT_TRUE(coupled.together("out.w", 0, 1, "r", 1, 3 * gate + 1));
    EXPECT_TRUE(coupled.together("out.w", 0, 1, "b", 1, 3 * (gate + 4) + 1));
  }
}

TEST(Coupling, AnInitialStateOfZerosIsNoObstacle) {
  Net net;
  net.input("x", {5, -1, 3});
  net.node("Shape", {"x"}, "shape");
  net.node("Gather", {"shape", net.integers("one", {1})}, "batch");
  net.node("Concat", {net.integers("front", {1}), "batch", net.integers("back", {4})}, "size",
           {{"axis", std::int64_t{0}}});
  net.node("ConstantOfShape", {"size"}, "zeros");
  const std::vector<std::string> inputs = {
      "x", net.weight("w", {1, 12, 3}), net.weight("r", {1, 12, 4}), "", "", "zeros"};
  net.node("GRU", inputs, "y", {{"hidden_size", std::int64_t{4}}});
  net.output(net.linear("y", "out", 4, 2));
  EXPECT_EQ(Coupled(net).word("out.w", 0), "aaaa");
}

TEST(Coupling, DirectionsHaveHiddenUnitsOfTheirOwn) {
  const Coupled coupled(recurrent(2));
  EXPECT_EQ(coupled.word("w", 2), "aaaa");
  EXPECT_EQ(coupled.word("r", 2), "aaabbb");
  EXPECT_EQ(coupled.word("out.w", 0), "aaabbb");
}

TEST(Coupling, OpenDimensionsDoNotStandInTheWay) {
  Net net;
  net.input("x", {-1, 3, -1, -1});
  net.conv("x", "c1", 4, 3);
  net.node("GlobalAveragePool", {"c1"}, "pool");
  net.reshape("pool", "flat", {0, -1});
  net.output(net.linear("flat", "fc", 4, 2));
  EXPECT_EQ(Coupled(net).word("fc.w", 0), "aaaa");
}

TEST(Coupling, ChannelsThatAProductWithItselfDoesNotReadDoNotTradeWithThoseItReads) {
  Net net;
  net.input("x", {1, 5, 3});
  net.linear("x", "in", 3, 6);
  net.node("Slice", {"in", net.integers("s", {0}), net.integers("e", {4}), net.integers("a", {2})}, "part");
  net.node("Transpose", {"part"}, "t", {{"perm", Ints{0, 2, 1}}});
  net.output(net.node("MatMul", {"part", "t"}, "gram"));
  EXPECT_EQ(Coupled(net).word("in.w", 1), "aaaabb");
}

TEST(Coupling, AnInitializerThatCallersMayReplaceIsAnInput) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 4, 3);
  net.output(net.conv("c1", "c2", 2, 4));
  EXPECT_EQ(Coupled(net).word("c2.w", 1), "aaaa");
  net.input("c2.w", {2, 4, 1, 1});
  EXPECT_EQ(Coupled(net).word("c2.w", 1), "....");
  net.proto().set_ir_version(3);  // lists every initializer
  EXPECT_EQ(Coupled(net).word("c2.w", 1), "aaaa");
}

TEST(Coupling, AWeightThatTwoLayersShareTiesBoth) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 4, 3);
  net.node("Identity", {net.weight("shared", {4, 4, 1, 1})}, "alias");
  net.node("Conv", {"c1", "alias"}, "c2");
  net.node("Conv", {"c2", "shared"}, "c3");
  net.output(net.conv("c3", "c4", 2, 4));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("shared", 0), "aaaa");
  EXPECT_TRUE(coupled.together("c1.w", 0, 2, "shared", 0, 2));  // c2's outputs are c3's inputs
  EXPECT_TRUE(coupled.together("shared", 1, 2, "c4.w", 1, 2));
}

}  // namespace
}  // namespace nmperm::testing
