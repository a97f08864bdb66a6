// Which whole groups of channels, and whole heads, may trade places.
#include <gtest/gtest.h>

#include "tests/network/coupled_net.h"

namespace nmperm::testing {
namespace {

/// x to 8 channels, what `middle` makes of them in two and four groups, and a convolution to the output.
struct Grouped {
  Net net;
  Grouped() {
    net.input("x", {1, 3, 4, 4});
    net.conv("x", "c1", 8, 3);
  }
  Coupled end(const std::string& x, std::int64_t channels) {
    net.output(net.conv(x, "last", 2, channels));
    return Coupled(net);
  }
};

TEST(CouplingOfGroups, AGroupMovesWithItsInputsAndAllThatFollows) {
  Grouped made;
  Net& net = made.net;
  net.conv("c1", "g", 12, 8, 4);
  net.node(
      "BatchNormalization",
      {"g", net.weight("s", {12}, 1), net.weight("b", {12}), net.weight("m", {12}), net.weight("v", {12}, 2)},
      "bn");
  const Coupled coupled = made.end(net.node("Relu", {"bn"}, "r"), 12);
  EXPECT_EQ(coupled.group_word("last.w", 1), std::string(12, 'a'));
  EXPECT_EQ(coupled.group_word("c1.w", 0), std::string(8, 'a'));
  EXPECT_EQ(coupled.group_of("c1.w", 0, 2, "c1.w", 0), "2 3");
  EXPECT_EQ(coupled.group_of("c1.w", 0, 2, "g.w", 0), "3 4 5");
  EXPECT_EQ(coupled.group_of("c1.w", 0, 2, "g.w", 1), "2 3");  // the columns of block 1
  EXPECT_EQ(coupled.group_of("c1.w", 0, 2, "v", 0), "3 4 5");
  EXPECT_EQ(coupled.group_of("c1.w", 0, 2, "last.w", 1), "3 4 5");
}

TEST(CouplingOfGroups, OneOutputChannelAGroupIsAGroupToo) {
  Grouped made;
  const Coupled coupled = made.end(made.net.conv("c1", "g", 4, 8, 4), 4);
  EXPECT_EQ(coupled.group_word("last.w", 1), "aaaa");
  EXPECT_EQ(coupled.word("last.w", 1), "....");
}

TEST(CouplingOfGroups, TransposedConvolutionsHaveGroupsToo) {
  for (const std::int64_t each : {1, 3}) {
    Grouped made;
    Net& net = made.net;
    net.node("ConvTranspose", {"c1", net.weight("t", {8, each, 2, 2}), net.weight("tb", {4 * each})}, "g",
             {{"group", std::int64_t{4}}});
    const Coupled coupled = made.end("g", 4 * each);
    EXPECT_EQ(coupled.group_word("last.w", 1), std::string(static_cast<std::size_t>(4 * each), 'a'));
    EXPECT_EQ(coupled.group_of("c1.w", 0, 5, "t", 0), "4 5");
    EXPECT_EQ(coupled.group_of("c1.w", 0, 5, "tb", 0), each == 1 ? "2" : "6 7 8");
  }
}

TEST(CouplingOfGroups, GroupsWithOtherUsesDoNotTrade) {
  Grouped made;
  Net& net = made.net;
  net.conv("c1", "g", 8, 8, 4);
  net.node("Slice", {"g", net.integers("s", {0}), net.integers("e", {4}), net.integers("a", {1})}, "front");
  net.output(net.conv("front", "other", 2, 4));  // of groups 0 and 1 alone
  const Coupled coupled = made.end("g", 8);
  EXPECT_EQ(coupled.group_word("last.w", 1), "aaaabbbb");
}

TEST(CouplingOfGroups, AConstantOfEachGroupMovesWithItAndOneThatMayNotMovePins) {
  for (const bool stored : {true, false}) {
    Grouped made;
    Net& net = made.net;
    net.conv("c1", "g", 8, 8, 4);
    net.reshape("g", "five", {1, 4, 2, 4, 4});
    net.weight("scale", {1, 4, 1, 1, 1});
    if (!stored) net.input("scale", {1, 4, 1, 1, 1});  // callers may replace it
    net.node("Mul", {"five", "scale"}, "scaled");
    const Coupled coupled = made.end(net.reshape("scaled", "four", {1, 8, 4, 4}), 8);
    EXPECT_EQ(coupled.group_word("last.w", 1), std::string(8, stored ? 'a' : '.'));
    EXPECT_EQ(coupled.group_of("last.w", 1, 5, "scale", 1), stored ? "2" : "");
  }
}

TEST(CouplingOfGroups, WhereNeighboursMatterNothingTrades) {
  Grouped made;
  made.net.conv("c1", "g", 8, 8, 4);
  const Coupled coupled = made.end(made.net.node("LRN", {"g"}, "n", {{"size", std::int64_t{3}}}), 8);
  EXPECT_EQ(coupled.group_word("last.w", 1), "........");
  EXPECT_EQ(coupled.group_word("c1.w", 0), "........");
}

TEST(CouplingOfGroups, GroupsOfGroupsMoveAsOne) {
  Grouped made;
  Net& net = made.net;
  net.conv("c1", "g", 8, 8, 4);
  const Coupled coupled = made.end(net.conv("g", "h", 4, 8, 2), 4);
  EXPECT_EQ(coupled.group_of("c1.w", 0, 1, "c1.w", 0), "0 1 2 3");
  EXPECT_EQ(coupled.group_word("last.w", 1), "aaaa");
}

TEST(CouplingOfGroups, AShuffleJoinsGroups) {
  for (const std::int64_t groups : {4, 2}) {  // that read channels of two or of all groups before
    Grouped made;
    Net& net = made.net;
    net.conv("c1", "g", 8, 8, 4);
    net.reshape("g", "five", {1, 4, 2, 4, 4});
    net.node("Transpose", {"five"}, "t", {{"perm", Ints{0, 2, 1, 3, 4}}});
    const Coupled coupled = made.end(net.conv(net.reshape("t", "four", {1, 8, 4, 4}), "h", 8, 8, groups), 8);
    EXPECT_EQ(coupled.group_of("c1.w", 0, 0, "c1.w", 0), groups == 4 ? "0 1 2 3" : "");
  }
}

TEST(CouplingOfGroups, GroupsOfANormalisationTradeWithTheirScales) {
  Net net(18);
  net.input("x", {1, 3, 4, 4});
  net.conv("x", "c1", 6, 3);
  net.node("GroupNormalization", {"c1", net.weight("s", {3}), net.weight("b", {3})}, "n",
           {{"num_groups", std::int64_t{3}}});
  net.output(net.conv("n", "last", 2, 6));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.group_word("last.w", 1), "aaaaaa");
  EXPECT_EQ(coupled.group_of("last.w", 1, 3, "last.w", 1), "2 3");
  EXPECT_EQ(coupled.group_of("last.w", 1, 3, "s", 0), "1");
  EXPECT_EQ(coupled.group_of("last.w", 1, 3, "b", 0), "1");
}

TEST(CouplingOfHeads, AHeadIsQueryKeyValueAndColumnsOfTheProjection) {
  const Coupled coupled(attention(4));
  EXPECT_EQ(coupled.group_word("out.w", 0), std::string(12, 'a'));
  for (const char* weight : {"q.w", "k.w", "v.w"})
    EXPECT_EQ(coupled.group_of("out.w", 0, 7, weight, 1), "6 7 8") << weight;
  EXPECT_EQ(coupled.group_word("in.w", 1), std::string(12, '.'));
}

TEST(CouplingOfHeads, AKeyAndValueHeadMovesWithAllItsQueryHeads) {
  const Coupled coupled(attention(2));
  EXPECT_EQ(coupled.group_word("out.w", 0), std::string(12, 'a'));
  EXPECT_EQ(coupled.group_of("k.w", 1, 3, "k.w", 1), "3 4 5");
  EXPECT_EQ(coupled.group_of("k.w", 1, 3, "v.w", 1), "3 4 5");
  EXPECT_EQ(coupled.group_of("k.w", 1, 3, "q.w", 1), "6 7 8 9 10 11");
  EXPECT_EQ(coupled.group_of("k.w", 1, 3, "out.w", 0), "6 7 8 9 10 11");
}

TEST(CouplingOfHeads, StoredPositionBiasesMoveWithTheirHeads) {
  const Coupled coupled(attention(4, [](Net& net, const std::string& scores) {
    return net.node("Add", {scores, net.weight("bias", {4, 5, 5})}, "biased");
  }));
  EXPECT_EQ(coupled.group_word("out.w", 0), std::string(12, 'a'));
  EXPECT_EQ(coupled.group_of("out.w", 0, 7, "bias", 0), "2");
}

TEST(CouplingOfHeads, WhatTellsHeadsApartPinsThem) {
  const Coupled given(attention(4, [](Net& net, const std::string& scores) {
    return net.node("Add", {scores, net.input("bias", {1, 4, 5, 5})}, "biased");
  }));
  EXPECT_EQ(given.group_word("out.w", 0), std::string(12, '.'));
  EXPECT_EQ(given.word("out.w", 0), "aaabbbcccddd");  // channels still move inside
  const Coupled shown(attention(4, [](Net& net, const std::string& scores) {
    net.output(scores);
    return scores;
  }));
  EXPECT_EQ(shown.group_word("out.w", 0), std::string(12, '.'));
  const Coupled counted(attention(4, [](Net& net, const std::string& scores) {
    return net.node("CumSum", {scores, net.integers("axis", {1})}, "sums");
  }));
  EXPECT_EQ(counted.group_word("out.w", 0), std::string(12, '.'));
  EXPECT_EQ(counted.word("out.w", 0), "aaabbbcccddd");
}

TEST(CouplingOfHeads, HeadsThatAreMixedMoveWithTheMixture) {
  // Talking heads: a linear layer over the heads' axis.
  const Coupled coupled(attention(4, [](Net& net, const std::string& scores) {
    net.node("Transpose", {scores}, "last", {{"perm", Ints{0, 2, 3, 1}}});
    net.linear("last", "talk", 4, 4);
    return net.node("Transpose", {"talk"}, "talked", {{"perm", Ints{0, 3, 1, 2}}});
  }));
  EXPECT_EQ(coupled.group_of("out.w", 0, 7, "talk.w", 1), "2");
  EXPECT_EQ(coupled.group_of("out.w", 0, 7, "q.w", 1), "");  // query heads come before the mixture
  EXPECT_EQ(coupled.group_of("q.w", 1, 7, "talk.w", 0), "2");
  EXPECT_EQ(coupled.word("q.w", 1), "aaabbbcccddd");
}

}  // namespace
}  // namespace nmperm::testing
