// `solvers`: the list and its details.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using testing::HasSubstr;

TEST(CliSolvers, ListsEachWithASummary) {
  const auto lines = split(expect_done({"solvers"}));
  for (const char* name : {"identity", "random", "channel-swap", "stripe-groups", "annealing", "exhaustive",
                           "setpart", "auto"}) {
    bool listed = false;
    for (const auto& line : lines) {
      const auto fields = words(line);
      listed = listed || (fields.size() > 2 && fields[0] == name);
    }
    EXPECT_TRUE(listed) << name;
  }
}

TEST(CliSolvers, DescribesOptionsWithDefaultAndRange) {
  const std::string text = expect_done({"solvers", "stripe-groups"});
  for (const char* part : {"stripe-group-size", "default 8", "bounded-regressions", "default 100",
                           "iteration", "reference", "Pool"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(CliSolvers, KnowsAliases) {
  EXPECT_EQ(expect_done({"solvers", "set-covering"}), expect_done({"solvers", "setpart"}));
}

TEST(CliSolvers, SuggestsTheNearestName) {
  expect_error({"solvers", "anealing"}, 2, {"anealing", "annealing"});
}

}  // namespace
}  // namespace nmperm::test
