// What each operation does to channels. A word describes an axis: equal letters are channels that may trade
// places, `.` stands for one that may not.
#include "network/coupling.h"

#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/network/model_builder.h"

namespace nmperm::testing {
namespace {

using ::testing::HasSubstr;
using Ints = std::vector<std::int64_t>;

/// A model whose coupling is looked at.
class Net : public ModelBuilder {
 public:
  using ModelBuilder::ModelBuilder;

  std::string conv(const std::string& x, const std::string& name, std::int64_t outputs, std::int64_t inputs,
                   std::int64_t groups = 1, std::int64_t kernel = 1) {
    weight(name + ".w", {outputs, inputs / groups, kernel, kernel});
    return node("Conv", {x, name + ".w"}, name, {{"group", groups}, {"pads", Ints(4, kernel / 2)}});
  }
  std::string linear(const std::string& x, const std::string& name, std::int64_t inputs,
                     std::int64_t outputs) {
    return node("MatMul", {x, weight(name + ".w", {inputs, outputs})}, name);
  }
  std::string reshape(const std::string& x, const std::string& name, const Ints& shape) {
    return node("Reshape", {x, integers(name + ".shape", shape)}, name);
  }
};

class Coupled {
 public:
  explicit Coupled(const Net& net) : model_(net.model()), coupling_(couple(model_.layer_graph())) {}

  std::string word(const std::string& tensor, int axis) const {
    std::string text;
    std::map<int, char> letters;
    const Place& place = place_of(tensor, axis);
    for (std::int64_t i = 0; i < place.atoms(); ++i) {
      const int set = set_of(place.first_atom + static_cast<int>(i));
      if (set >= 0) letters.emplace(set, static_cast<char>('a' + letters.size()));
      text += set < 0 ? '.' : letters.at(set);
    }
    return text;
  }
  std::string reason(const std::string& tensor, int axis) const {
    const std::string* const text = coupling_.ties.pinned(place_of(tensor, axis).first_atom);
    return text == nullptr ? "" : *text;
  }
  /// Whether index i of one axis and index j of another move together.
  bool together(const std::string& a, int axis_a, int i, const std::string& b, int axis_b, int j) const {
    const auto members = coupling_.ties.class_of(place_of(a, axis_a).first_atom + i);
    const int other = place_of(b, axis_b).first_atom + j;
    return std::find(members.begin(), members.end(), other) != members.end();
  }
  const Coupling& coupling() const { return coupling_; }

 private:
  const Place& place_of(const std::string& tensor, int axis) const {
    for (const Place& place : coupling_.places) {
      if (place.axis == axis && model_.constant(place.constant).name == tensor) return place;
    }
    throw std::runtime_error("no place for " + tensor);
  }
  int set_of(int atom) const {
    for (std::size_t s = 0; s < coupling_.sets.size(); ++s) {
      for (const auto& role : coupling_.sets[s].roles) {
        if (std::find(role.begin(), role.end(), atom) != role.end()) return static_cast<int>(s);
      }
    }
    return -1;
  }

  OnnxModel model_;
  Coupling coupling_;
};

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

/// [1, S, 12] through attention with `shared` key and value heads of 3 channels for 4 query heads.
Net attention(std::int64_t shared) {
  Net net;
  net.input("x", {1, 5, 12});
  net.linear("x", "in", 12, 12);
  const auto split = [&](const std::string& name, std::int64_t heads, const Ints& order) {
    net.reshape(net.linear("in", name, 12, heads * 3), name + ".split", {1, 5, heads, 3});
    return net.node("Transpose", {name + ".split"}, name + ".t", {{"perm", order}});
  };
  const auto repeat = [&](const std::string& x, const std::string& name, std::int64_t a, std::int64_t b) {
    if (shared == 4) return x;
    net.node("Unsqueeze", {x, net.integers(name + ".axis", {2})}, name + ".u");
    net.node("Expand", {name + ".u", net.integers(name + ".to", {1, shared, 4 / shared, a, b})}, name + ".e");
    return net.reshape(name + ".e", name + ".all", {1, 4, a, b});
  };
  const std::string q = split("q", 4, {0, 2, 1, 3});
  const std::string k = repeat(split("k", shared, {0, 2, 3, 1}), "k", 3, 5);
  const std::string v = repeat(split("v", shared, {0, 2, 1, 3}), "v", 5, 3);
  net.node("Softmax", {net.node("MatMul", {q, k}, "scores")}, "shares", {{"axis", std::int64_t{-1}}});
  net.node("Transpose", {net.node("MatMul", {"shares", v}, "mixed")}, "back", {{"perm", Ints{0, 2, 1, 3}}});
  net.output(net.linear(net.reshape("back", "joined", {1, 5, 12}), "out", 12, 4));
  return net;
}

TEST(Coupling, ValuesOfAHeadMoveWithTheColumnsOfTheProjection) {
  const Coupled coupled(attention(4));
  EXPECT_EQ(coupled.word("v.w", 1), "aaabbbcccddd");
  EXPECT_EQ(coupled.word("out.w", 0), "aaabbbcccddd");
  EXPECT_TRUE(coupled.together("v.w", 1, 4, "out.w", 0, 4));
  EXPECT_EQ(coupled.word("q.w", 1), "aaabbbcccddd");
  EXPECT_TRUE(coupled.together("q.w", 1, 7, "k.w", 1, 7));
  EXPECT_FALSE(coupled.together("q.w", 1, 7, "v.w", 1, 7));
  EXPECT_EQ(coupled.word("in.w", 1), std::string(12, 'a'));
}

TEST(Coupling, GroupedQueriesAreTiedThroughTheSharedHead) {
  const Coupled coupled(attention(2));
  EXPECT_EQ(coupled.word("v.w", 1), "aaabbb");
  EXPECT_EQ(coupled.word("out.w", 0), "aaaaaabbbbbb");
  EXPECT_TRUE(coupled.together("v.w", 1, 1, "out.w", 0, 1));
  EXPECT_TRUE(coupled.together("v.w", 1, 1, "out.w", 0, 4));
  EXPECT_TRUE(coupled.together("k.w", 1, 1, "q.w", 1, 4));
}

TEST(Coupling, TheResidualStreamJoinsEmbeddingBlocksAndTiedHead) {
  Net net;
  net.input("tokens", {1, 5}, onnx::TensorProto::INT64);
  net.weight("table", {7, 4});
  net.node("Gather", {"table", "tokens"}, "x");
  net.node("LayerNormalization", {"x", net.weight("scale", {4}, 1), net.weight("shift", {4})}, "n");
  net.node("Add", {"x", net.linear(net.linear("n", "up", 4, 6), "down", 6, 4)}, "y");
  net.node("Transpose", {"table"}, "head", {{"perm", Ints{1, 0}}});
  net.output(net.node("MatMul", {"y", "head"}, "logits"));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("table", 1), "aaaa");
  EXPECT_EQ(coupled.word("table", 0), ".......");
  for (const char* tensor : {"scale", "shift", "up.w"})
    EXPECT_TRUE(coupled.together("table", 1, 2, tensor, 0, 2)) << tensor;
  EXPECT_TRUE(coupled.together("table", 1, 2, "down.w", 1, 2));
  EXPECT_EQ(coupled.word("up.w", 1), "aaaaaa");
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

/// Embeddings of tokens and of positions 0, delta, 2 delta ... below the number of tokens.
Net with_positions(std::int64_t tokens, std::int64_t delta) {
  Net net;
  net.input("tokens", {1, tokens}, onnx::TensorProto::INT64);
  net.node("Constant", {}, "zero", {{"value_int", std::int64_t{0}}});
  net.node("Constant", {}, "one", {{"value_int", std::int64_t{1}}});
  net.node("Constant", {}, "delta", {{"value_int", delta}});
  net.node("Gather", {net.node("Shape", {"tokens"}, "shape"), "one"}, "count");
  net.node("Range", {"zero", "count", "delta"}, "positions");
  net.node("Gather", {net.weight("words", {9, 4}), "tokens"}, "w");
  net.node("Gather", {net.weight("places", {8, 4}), "positions"}, "p");
  net.node("Add", {"w", "p"}, "x");
  net.output(net.linear("x", "up", 4, 6));
  return net;
}

TEST(Coupling, CountedPositionsDoNotStandInTheWay) {
  for (const std::int64_t tokens : {-1, 5}) {
    const Coupled coupled(with_positions(tokens, 1));
    EXPECT_EQ(coupled.word("up.w", 0), "aaaa") << tokens;
    EXPECT_TRUE(coupled.together("words", 1, 2, "places", 1, 2)) << tokens;
    EXPECT_EQ(coupled.word("places", 0), "........") << tokens;
  }
  // 0, 2, 4 are three positions, which five words cannot be added to.
  EXPECT_EQ(Coupled(with_positions(5, 2)).word("up.w", 0), "....");
  EXPECT_EQ(Coupled(with_positions(5, 0)).word("up.w", 0), "....");
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
