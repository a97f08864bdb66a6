// Same seed and iteration limit: the same permutation, whatever --threads says.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using nlohmann::json;

std::vector<std::string> heuristics() {
  std::vector<std::string> names;
  for (const auto& line : split(expect_done({"solvers"}))) {
    const auto fields = words(line);
    if (fields.size() > 2 && fields[1] == "-") names.push_back(fields[0]);
  }
  return names;
}

json solve_with(const std::string& solver, const char* threads, const char* seed) {
  return solve({"structured:48x32:3", "--solver", solver, "--iteration-limit", "40", "--seed", seed,
                "--threads", threads});
}

TEST(CliRepeatable, OneTwoAndEightThreadsFindTheSame) {
  const auto solvers = heuristics();
  ASSERT_GE(solvers.size(), 5U);
  for (const auto& solver : solvers) {
    const json one = solve_with(solver, "1", "4");
    for (const char* threads : {"2", "8"}) {
      const json many = solve_with(solver, threads, "4");
      EXPECT_EQ(one["permutation"], many["permutation"]) << solver << ", " << threads << " threads";
      EXPECT_EQ(one["magnitude"], many["magnitude"]) << solver;
    }
  }
}

TEST(CliRepeatable, AnotherSeedSearchesElsewhere) {
  EXPECT_NE(solve_with("random", "1", "4")["permutation"], solve_with("random", "1", "5")["permutation"]);
}

}  // namespace
}  // namespace nmperm::test
