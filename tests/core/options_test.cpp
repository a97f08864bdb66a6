#include "core/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;

std::vector<OptionRecord> records() {
  return {OptionRecord::integer("rounds", "how often", 100, 0, 1000),
          OptionRecord::real("initial-acceptance", "share", 0.004, 1e-9, 1),
          OptionRecord::choice("pass", "winners", "greedy", {"greedy", "single"})};
}

std::string refused(const OptionValues& given) {
  return refusal_of([&] { Options("tester", records(), given); });
}

TEST(Options, HaveDefaults) {
  const Options options("tester", records(), {});
  EXPECT_EQ(options.integer("rounds"), 100);
  EXPECT_EQ(options.real("initial-acceptance"), 0.004);
  EXPECT_EQ(options.choice("pass"), "greedy");
  EXPECT_EQ(options.values(),
            (OptionValues{{"rounds", "100"}, {"initial-acceptance", "0.004"}, {"pass", "greedy"}}));
}

TEST(Options, TakeWhatIsGivenUpToTheEndsOfTheRange) {
  for (const std::string value : {"0", "7", "1000"}) {
    EXPECT_EQ(Options("tester", records(), {{"rounds", value}}).integer("rounds"), std::stoll(value));
  }
  const Options options("tester", records(), {{"initial-acceptance", "1e-9"}, {"pass", "single"}});
  EXPECT_EQ(options.real("initial-acceptance"), 1e-9);
  EXPECT_EQ(options.choice("pass"), "single");
  EXPECT_EQ(options.values().at("rounds"), "100");
}

TEST(Options, RefuseValuesThatDoNotParseOrFit) {
  for (const std::string value :
       {"", "x", "-1", "1001", "7.5", "1e2", "7 ", " 7", "0x10", "99999999999999999999"}) {
    EXPECT_THAT(refused({{"rounds", value}}), AllOf(HasSubstr("solver tester"), HasSubstr("option rounds"),
                                                    HasSubstr("'" + value + "'"), HasSubstr("0 .. 1000")))
        << value;
  }
  for (const std::string value : {"0", "-0.1", "1.1", "nan", "inf", "half"}) {
    EXPECT_THAT(refused({{"initial-acceptance", value}}), HasSubstr("1e-09 .. 1")) << value;
  }
  EXPECT_THAT(refused({{"pass", "Greedy"}}), HasSubstr("greedy | single"));
}

TEST(Options, SuggestTheNearestName) {
  EXPECT_THAT(refused({{"round", "7"}}), AllOf(HasSubstr("option round"), HasSubstr("did you mean rounds?")));
  EXPECT_THAT(refused({{"inital-aceptance", "1"}}), HasSubstr("did you mean initial-acceptance?"));
  EXPECT_THAT(refused({{"temperature", "1"}}),
              AllOf(HasSubstr("unknown option"), HasSubstr("one of rounds, initial-acceptance, pass")));
  EXPECT_THAT(refusal_of([] { Options("bare", {}, {{"x", "1"}}); }), HasSubstr("has no options"));
}

TEST(Options, AskingForAnUnknownOptionIsADefect) {
  const Options options("tester", records(), {});
  EXPECT_THROW(options.integer("nothing"), InternalError);
  EXPECT_THROW(options.real("nothing"), InternalError);
  EXPECT_THROW(options.choice("nothing"), InternalError);
}

TEST(Options, ShowARangeThatIsAccepted) {
  const OptionRecord record = OptionRecord::integer("many", "", 1, -5, 1000000000);
  EXPECT_EQ(record.range(), "-5 .. 1000000000");
  EXPECT_NO_THROW(Options("tester", {record}, {{"many", "1000000000"}}));
}

TEST(NearestName, IsTheLeastEditDistance) {
  const std::vector<std::string> names = {"annealing", "channel-swap", "stripe-groups", "bqp", "blp"};
  EXPECT_EQ(nearest_name("anealing", names), "annealing");
  EXPECT_EQ(nearest_name("stripe-group", names), "stripe-groups");
  EXPECT_EQ(nearest_name("blq", names), "blp");
  EXPECT_EQ(nearest_name("simplex-method", names), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

}  // namespace
}  // namespace nmperm
