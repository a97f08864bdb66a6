// Configuration files of `solve`.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using nlohmann::json;

constexpr const char* kInstance = "random:32x16:2";

class CliConfig : public Cli {
 protected:
  void expect_refused(const std::string& text, const std::vector<std::string>& parts) const {
    expect_error({"solve", kInstance, "--config", write("c.toml", text)}, 2, parts);
  }
};

json without_clock(json solution) {
  solution.erase("seconds");
  solution.erase("trace");
  return solution;
}

TEST_F(CliConfig, EqualsTheCommandLine) {
  const json expected =
      without_clock(solve({kInstance, "--solver", "stripe-groups", "--option", "stripe-group-size=12",
                           "--option", "bounded-regressions=3", "--iteration-limit", "7", "--seed", "5",
                           "--threads", "2", "--segments", "12,4", "--pattern", "1:4"}));
  const std::string lines = R"(# a comment
solver = "stripe-groups"
option = ["stripe-group-size=12", "bounded-regressions=3"]
iteration-limit = 7
seed = 5
threads = 2
segments = [12, 4]
pattern = "1:4"
)";
  EXPECT_EQ(without_clock(solve({kInstance, "--config", write("top.toml", lines)})), expected);
  EXPECT_EQ(without_clock(solve({kInstance, "--config", write("section.toml", "[solve]\n" + lines)})),
            expected);
}

TEST_F(CliConfig, ArraysMayTakeSeveralLines) {
  const std::string file =
      write("c.toml", "solver = \"random\"\niteration-limit = 3\nsegments = [8,\n  8\n]\n");
  EXPECT_EQ(solve({kInstance, "--config", file})["segments"], json({8, 8}));
}

TEST_F(CliConfig, TheCommandLineHasTheLastWord) {
  const std::string file = write("c.toml", "solver = \"random\"\nseed = 5\niteration-limit = 3\n");
  const json s = solve({kInstance, "--seed", "6", "--config", file});
  EXPECT_EQ(s["seed"], 6);
  EXPECT_EQ(s["solver"], "random");
}

TEST_F(CliConfig, FlagsWork) {
  const std::string base = "solver = \"random\"\niteration-limit = 3\n";
  const Output quiet = run_nmperm({"solve", kInstance, "--config", write("q.toml", base + "quiet = true\n")});
  EXPECT_EQ(quiet.exit_code, 0) << quiet.err;
  EXPECT_EQ(quiet.err, "");
  const Output loud = run_nmperm({"solve", kInstance, "--config", write("l.toml", base + "quiet = false\n")});
  EXPECT_EQ(loud.exit_code, 0) << loud.err;
  EXPECT_NE(loud.err, "");
}

TEST_F(CliConfig, UnknownNamesAreErrors) {
  expect_refused("tiem-limit = 5\n", {"c.toml", "tiem-limit", "did you mean time-limit?"});
  expect_refused("[sovle]\nseed = 5\n", {"c.toml", "sovle"});
  expect_refused("config = \"other.toml\"\n", {"c.toml", "config"});
}

TEST_F(CliConfig, BadValuesAreErrors) {
  expect_refused("threads = -1\n", {"c.toml", "threads", "'-1'"});
  expect_refused("time-limit = \"soon\"\n", {"c.toml", "time-limit", "'soon'"});
  expect_refused("seed = 1\nthreads = 1\nseed = 2\n", {"c.toml", "seed", "given twice"});
  expect_refused("seed = 1\nseed = 2\n", {"c.toml", "seed"});
  expect_refused("seed = [1, 2]\n", {"c.toml", "seed"});
  expect_refused("output = \"a#b.json\"\n", {"c.toml", "output", "string without end"});
  expect_refused("solver = \"random\n", {"c.toml", "solver", "string without end"});
  expect_refused("seed = 1\n\nx\n", {"c.toml", "line 3", "'x'"});
  expect_refused("quiet = maybe\n", {"c.toml", "quiet"});
}

TEST_F(CliConfig, FilesThatCannotBeReadAreErrors) {
  expect_error({"solve", kInstance, "--config", path("missing.toml")}, 2, {"missing.toml"});
  expect_error({"solve", kInstance, "--config", path("")}, 2, {path("")});
}

}  // namespace
}  // namespace nmperm::test
