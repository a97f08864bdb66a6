#include "network/channel_ties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nmperm {
namespace {

using ::testing::ElementsAre;

TEST(ChannelTies, ChannelsWithTheSameUsesTrade) {
  ChannelTies ties;
  const int rows = ties.add_atoms(0, 3), columns = ties.add_atoms(1, 3);
  for (int i = 0; i < 3; ++i) ties.tie({rows + i, 0}, {columns + i, 0}, 5, 0, 1);
  const auto sets = ties.trading_classes();
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_THAT(sets[0].roles, ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 4, 5)));
}

TEST(ChannelTies, AMarkTellsChannelsApart) {
  ChannelTies ties;
  const int rows = ties.add_atoms(0, 5);
  for (int i = 0; i < 5; ++i) ties.mark({rows + i, 0}, 3, 0, i < 2 ? 0 : 1);
  const auto sets = ties.trading_classes();
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_THAT(sets[0].roles[0], ElementsAre(0, 1));
  EXPECT_THAT(sets[1].roles[0], ElementsAre(2, 3, 4));
}

TEST(ChannelTies, APinReachesAllThatIsTied) {
  ChannelTies ties;
  const int a = ties.add_atoms(0, 2), b = ties.add_atoms(1, 2);
  for (int i = 0; i < 2; ++i) ties.tie({a + i, 0}, {b + i, 0}, 0, 0, 1);
  ties.pin(b + 1, "a reason");
  ASSERT_NE(ties.pinned(a + 1), nullptr);
  EXPECT_EQ(*ties.pinned(a + 1), "a reason");
  EXPECT_EQ(ties.pinned(a), nullptr);
  EXPECT_TRUE(ties.trading_classes().empty());  // one channel alone trades with none
}

TEST(ChannelTies, CopiesKeepTheirRolesWhateverTheirOrder) {
  // Channel 0 stands at places 0 and 3 of the second axis, channel 1 at 2 and 1: copies are told apart by
  // slots.
  ChannelTies ties;
  const int channels = ties.add_atoms(0, 2), columns = ties.add_atoms(1, 4);
  const int copy = ties.slot(0, 9, 1);
  ties.tie({channels, 0}, {columns + 0, 0}, 7, 0, 1);
  ties.tie({channels, copy}, {columns + 3, 0}, 7, 0, 1);
  ties.tie({channels + 1, 0}, {columns + 2, 0}, 7, 0, 1);
  ties.tie({channels + 1, copy}, {columns + 1, 0}, 7, 0, 1);
  const auto sets = ties.trading_classes();
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_THAT(sets[0].roles, ElementsAre(ElementsAre(0, 1), ElementsAre(2, 4), ElementsAre(5, 3)));
}

TEST(ChannelTies, ClassesOfDifferentStructureDoNotTrade) {
  // Channel 0 is tied to itself shifted, channel 1 is not.
  ChannelTies ties;
  const int channels = ties.add_atoms(0, 2);
  ties.tie({channels, 0}, {channels, ties.slot(0, 1, 1)}, 2, 0, 1);
  EXPECT_TRUE(ties.trading_classes().empty());
}

TEST(ChannelTies, ChannelsOfOneHubTradeAndHubsTradeAsWholes) {
  ChannelTies ties;
  const int rows = ties.add_atoms(0, 6), columns = ties.add_atoms(1, 6), hubs = ties.add_hubs(3);
  for (int i = 0; i < 6; ++i) {
    ties.tie({rows + i, 0}, {columns + i, 0}, 5, 0, 1);
    ties.belong({rows + i, 0}, hubs + i / 2, 4, 0);
  }
  const auto sets = ties.trading_classes();
  ASSERT_EQ(sets.size(), 3U);
  EXPECT_THAT(sets[1].roles[0], ElementsAre(2, 3));
  const auto groups = ties.trading_groups();
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_THAT(groups[0].roles,
              ElementsAre(ElementsAre(hubs, hubs + 1, hubs + 2), ElementsAre(0, 2, 4), ElementsAre(1, 3, 5),
                          ElementsAre(6, 8, 10), ElementsAre(7, 9, 11)));
}

TEST(ChannelTies, AGroupWithAPinOrAUseOfItsOwnStays) {
  ChannelTies ties;
  const int rows = ties.add_atoms(0, 8), hubs = ties.add_hubs(4);
  for (int i = 0; i < 8; ++i) ties.belong({rows + i, 0}, hubs + i / 2, 4, 0);
  ties.pin(rows + 1, "a reason");
  ties.mark({rows + 3, 0}, 7, 0);
  const auto groups = ties.trading_groups();
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_THAT(groups[0].roles[0], ElementsAre(hubs + 2, hubs + 3));
}

}  // namespace
}  // namespace nmperm
