// Shapes and positions that graphs compute: what follows from the file is followed, as exporters write it.
#include <gtest/gtest.h>

#include "tests/network/coupled_net.h"

namespace nmperm::testing {
namespace {

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

TEST(ShapeValues, CountedPositionsDoNotStandInTheWay) {
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

/// ConstantOfShape with an integer value.
std::string filled(Net& net, const std::string& shape, const std::string& name, std::int64_t value) {
  net.node("ConstantOfShape", {shape}, name);
  auto* const nodes = net.proto().mutable_graph()->mutable_node();
  auto* const attribute = nodes->Mutable(nodes->size() - 1)->add_attribute();
  attribute->set_name("value");
  attribute->set_type(onnx::AttributeProto::TENSOR);
  attribute->mutable_t()->set_data_type(onnx::TensorProto::INT64);
  attribute->mutable_t()->add_dims(1);
  attribute->mutable_t()->add_int64_data(value);
  return name;
}

/// Channels [1, 2, 3] repeated to [1, 2, 2, 3] as PyTorch exports `expand`: where the wanted size is `kept`,
/// it stays.
Net repeated_heads(std::int64_t kept) {
  Net net;
  net.input("x", {1, 3});
  net.reshape(net.linear("x", "in", 3, 6), "heads", {1, 2, 1, 3});
  net.integers("wanted", {1, 2, 2, 3});
  filled(net, net.integers("rank", {4}), "ones", 1);
  net.node("Mul", {"ones", net.integers("minus", {-1})}, "open");
  net.node("Equal", {"wanted", kept < 0 ? "open" : net.integers("kept", {kept, kept, kept, kept})}, "stays");
  net.node("Where", {"stays", "ones", "wanted"}, "shape");
  net.output(
      net.linear(net.reshape(net.node("Expand", {"heads", "shape"}, "e"), "flat", {1, 12}), "out", 12, 2));
  return net;
}

TEST(ShapeValues, AnExpandToAChosenShapeIsFollowed) {
  const Coupled coupled(repeated_heads(-1));
  EXPECT_EQ(coupled.word("in.w", 1), "aaaaaa");
  EXPECT_TRUE(coupled.together("in.w", 1, 1, "out.w", 0, 1));
  EXPECT_TRUE(coupled.together("in.w", 1, 1, "out.w", 0, 4));
  // With the size 2 replaced by 1, six elements would have to become twelve.
  EXPECT_EQ(Coupled(repeated_heads(2)).word("in.w", 1), "......");
}

/// Padding of [1, C, H, W] as PyTorch exports it: pairs from the last axis on, turned round.
Net padded(const Ints& pairs) {
  Net net;
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 4, 3);
  filled(net, net.integers("rest", {8 - static_cast<std::int64_t>(pairs.size())}), "zeros", 0);
  net.node("Concat", {net.integers("pairs", pairs), "zeros"}, "all", {{"axis", std::int64_t{0}}});
  net.reshape("all", "rows", {-1, 2});
  net.node("Slice",
           {"rows", net.integers("s", {-1}), net.integers("e", {INT64_MIN + 1}), net.integers("a", {0}),
            net.integers("t", {-1})},
           "turned");
  net.node("Transpose", {"turned"}, "columns", {{"perm", Ints{1, 0}}});
  net.reshape("columns", "pads", {-1});
  net.output(net.conv(net.node("Pad", {"c1", "pads"}, "p"), "c2", 2, 4 + (pairs.size() > 4 ? 1 : 0)));
  return net;
}

TEST(ShapeValues, PadsThatAreTurnedRoundAreFollowed) {
  EXPECT_EQ(Coupled(padded({1, 0, 2, 0})).word("c2.w", 1), "aaaa");
  EXPECT_EQ(Coupled(padded({0, 0, 0, 0, 1, 0})).word("c2.w", 1), ".aaaa");  // a channel of zeros in front
}

TEST(ShapeValues, QuotientsOfRealNumbersAreNotRounded) {
  // Half of five channels is 2.5; twice that is 5 and not 4.
  for (const bool real : {false, true}) {
    Net net;
    net.input("x", {1, 3, 4, 4});
    net.conv("x", "c1", 5, 3);
    net.node("Gather", {net.node("Shape", {"c1"}, "shape"), net.integers("axis", {1})}, "count");
    if (real) net.node("Cast", {"count"}, "number", {{"to", std::int64_t{onnx::TensorProto::FLOAT}}});
    net.node("Div", {real ? "number" : "count", net.integers("two", {2})}, "half");
    net.node("Mul", {"half", "two"}, "twice");
    net.node("Cast", {"twice"}, "end", {{"to", std::int64_t{onnx::TensorProto::INT64}}});
    net.node("Slice", {"c1", net.integers("start", {0}), "end", "axis"}, "part");
    net.output(net.conv("part", "c2", 2, real ? 5 : 4));
    EXPECT_EQ(Coupled(net).word("c1.w", 0), real ? "....." : "aaaa.") << real;
  }
}

TEST(ShapeValues, ADefaultThatCallersMayReplaceIsNotTrusted) {
  Net net;
  net.input("x", {1, 3});
  net.linear("x", "in", 3, 4);
  net.output(net.linear(net.node("Reshape", {"in", net.integers("shape", {1, 4})}, "r"), "out", 4, 2));
  EXPECT_EQ(Coupled(net).word("out.w", 0), "aaaa");
  net.input("shape", {2}, onnx::TensorProto::INT64);
  EXPECT_EQ(Coupled(net).word("out.w", 0), "....");
}

}  // namespace
}  // namespace nmperm::testing
