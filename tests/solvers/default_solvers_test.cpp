#include "solvers/default_solvers.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/refusal.h"

namespace nmperm {
namespace {

TEST(DefaultSolvers, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const auto& solver : default_solvers()) {
    EXPECT_TRUE(names.insert(solver->info().name).second) << solver->info().name;
    EXPECT_FALSE(solver->info().summary.empty()) << solver->info().name;
    for (const auto& alias : solver->info().aliases) EXPECT_TRUE(names.insert(alias).second) << alias;
  }
  for (const char* name : {"auto", "identity", "random", "channel-swap", "stripe-groups", "annealing",
                           "exhaustive", "matching", "bqp", "blp", "mda", "setpart", "set-covering"}) {
    EXPECT_EQ(names.count(name), 1u) << name;
  }
}

TEST(DefaultSolvers, AreFoundByNameAndAlias) {
  EXPECT_EQ(find_solver("exhaustive").info().name, "exhaustive");
  EXPECT_EQ(find_solver("set-covering").info().name, "setpart");
}

TEST(DefaultSolvers, AnUnknownNameGetsTheNearestSuggested) {
  const std::string line = testing::refusal_of([] { find_solver("stripe-group"); });
  EXPECT_NE(line.find("'stripe-group'"), std::string::npos) << line;
  EXPECT_NE(line.find("did you mean stripe-groups"), std::string::npos) << line;
  const std::string far = testing::refusal_of([] { find_solver("zzzzzzzzzzzz"); });
  EXPECT_NE(far.find("one of auto, identity"), std::string::npos) << far;
}

}  // namespace
}  // namespace nmperm
