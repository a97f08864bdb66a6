// Attention: heads, grouped queries, the residual stream, and Einsum as the product.
#include <gtest/gtest.h>

#include "tests/network/coupled_net.h"

namespace nmperm::testing {
namespace {

TEST(CouplingOfAttention, ValuesOfAHeadMoveWithTheColumnsOfTheProjection) {
  const Coupled coupled(attention(4));
  EXPECT_EQ(coupled.word("v.w", 1), "aaabbbcccddd");
  EXPECT_EQ(coupled.word("out.w", 0), "aaabbbcccddd");
  EXPECT_TRUE(coupled.together("v.w", 1, 4, "out.w", 0, 4));
  EXPECT_EQ(coupled.word("q.w", 1), "aaabbbcccddd");
  EXPECT_TRUE(coupled.together("q.w", 1, 7, "k.w", 1, 7));
  EXPECT_FALSE(coupled.together("q.w", 1, 7, "v.w", 1, 7));
  EXPECT_EQ(coupled.word("in.w", 1), std::string(12, 'a'));
}

TEST(CouplingOfAttention, GroupedQueriesAreTiedThroughTheSharedHead) {
  const Coupled coupled(attention(2));
  EXPECT_EQ(coupled.word("v.w", 1), "aaabbb");
  EXPECT_EQ(coupled.word("out.w", 0), "aaaaaabbbbbb");
  EXPECT_TRUE(coupled.together("v.w", 1, 1, "out.w", 0, 1));
  EXPECT_TRUE(coupled.together("v.w", 1, 1, "out.w", 0, 4));
  EXPECT_TRUE(coupled.together("k.w", 1, 1, "q.w", 1, 4));
}

TEST(CouplingOfAttention, TheResidualStreamJoinsEmbeddingBlocksAndTiedHead) {
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

/// [1, 5, 12] through attention of 4 heads of 3 channels whose products are Einsums.
Net einsum_attention(const std::string& scores, const std::string& mixed) {
  Net net;
  net.input("x", {1, 5, 12});
  net.linear("x", "in", 12, 12);
  for (const char* name : {"q", "k", "v"}) {
    net.reshape(net.linear("in", name, 12, 12), name + std::string(".heads"), {1, 5, 4, 3});
  }
  net.node("Einsum", {"q.heads", "k.heads"}, "scores", {{"equation", scores}});
  net.node("Softmax", {"scores"}, "shares", {{"axis", std::int64_t{-1}}});
  net.node("Einsum", {"shares", "v.heads"}, "mixed", {{"equation", mixed}});
  net.output(net.linear(net.reshape("mixed", "joined", {1, 5, 12}), "out", 12, 4));
  return net;
}

TEST(CouplingOfAttention, AnEinsumOfTwoFactorsIsAProduct) {
  const Coupled coupled(einsum_attention("b q h d, b k h d -> b h q k", "bhqk,bkhd->bqhd"));
  EXPECT_EQ(coupled.word("v.w", 1), "aaabbbcccddd");
  EXPECT_TRUE(coupled.together("v.w", 1, 4, "out.w", 0, 4));
  EXPECT_EQ(coupled.word("q.w", 1), "aaabbbcccddd");
  EXPECT_TRUE(coupled.together("q.w", 1, 7, "k.w", 1, 7));
  EXPECT_FALSE(coupled.together("q.w", 1, 7, "v.w", 1, 7));
  EXPECT_EQ(coupled.word("in.w", 1), std::string(12, 'a'));
}

TEST(CouplingOfAttention, AnEinsumWithAWeightProducesAndConsumesChannels) {
  Net net;
  net.input("x", {2, 5, 3});
  net.node("Einsum", {"x", net.weight("up", {3, 6})}, "h", {{"equation", std::string("bsd,de->bse")}});
  net.output(
      net.node("Einsum", {net.weight("down", {2, 6}), "h"}, "y", {{"equation", std::string("oe,bse->bso")}}));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("up", 1), "aaaaaa");
  EXPECT_EQ(coupled.word("down", 1), "aaaaaa");
  EXPECT_TRUE(coupled.together("up", 1, 4, "down", 1, 4));
  EXPECT_EQ(coupled.word("up", 0), "...");
  EXPECT_EQ(coupled.word("down", 0), "..");
}

TEST(CouplingOfAttention, OtherEinsumsPin) {
  // Two summed indices, an ellipsis, an index that one factor alone has.
  for (const char* mixed : {"bhqk,bkhd->bq", "...k,bkhd->b...d", "bhqk,bkhd->bqh"}) {
    const Coupled coupled(einsum_attention("bqhd,bkhd->bhqk", mixed));
    EXPECT_EQ(coupled.word("v.w", 1), "............") << mixed;
    EXPECT_EQ(coupled.word("in.w", 1), std::string(12, 'a')) << mixed;
  }
}

}  // namespace
}  // namespace nmperm::testing
