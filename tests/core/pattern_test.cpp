#include "core/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::refusal_of;

TEST(Pattern, IsTwoOfFourByDefault) {
  EXPECT_EQ(Pattern{}.str(), "2:4");
}

TEST(Pattern, ReadsWhatItWrites) {
  for (int group = 2; group <= Pattern::kMaxGroup; ++group) {
    for (int keep = 1; keep < group; ++keep) {
      const Pattern pattern{keep, group};
      EXPECT_EQ(Pattern::parse(pattern.str()), pattern);
    }
  }
}

TEST(Pattern, RefusesWhatIsNoPattern) {
  for (const std::string text : {"",     ":",     "2",    "2:",    ":4",   "2:4:8",         "2:4 ",
                                 " 2:4", "2 :4",  "2: 4", "+2:4",  "2,4",  "2/4",           "a:4",
                                 "2:b",  "2.0:4", "2:4x", "0x2:4", "2::4", "99999999999:4", "2:99999999999",
                                 "nan:4"}) {
    const std::string line = refusal_of([&] { Pattern::parse(text); });
    EXPECT_THAT(line, HasSubstr("pattern")) << text;
    EXPECT_THAT(line, HasSubstr("such as 2:4")) << text;
  }
}

TEST(Pattern, RefusesNumbersOutOfRange) {
  for (const std::string text : {"0:4", "-1:4", "4:4", "5:4", "1:1", "0:0", "2:-4", "2:65", "64:65"}) {
    const std::string line = refusal_of([&] { Pattern::parse(text); });
    EXPECT_THAT(line, HasSubstr(text)) << text;
    EXPECT_THAT(line, HasSubstr("1 <= N < M <= 64")) << text;
  }
  EXPECT_THROW((Pattern{4, 4}.validate()), InputError);
}

}  // namespace
}  // namespace nmperm
