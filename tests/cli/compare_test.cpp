// `compare`: solvers side by side, and the results file.
#include <signal.h>

#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CliCompare : public Cli {};

// Sanitizers need more memory for themselves than the limit of the test.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasSmallProcesses = false;
#elif defined(__has_feature)
constexpr bool kHasSmallProcesses = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool kHasSmallProcesses = true;
#endif

TEST_F(CliCompare, PrintsATableAndALineForEachRun) {
  const Output output = run_nmperm({"compare", "random:16x8:1", "random:4x200:2", "--solvers",
                                    "exhaustive,random", "--time-limit", "2", "--seeds", "2"});
  EXPECT_EQ(output.exit_code, 0) << output.err;
  const auto table = split(output.out);
  ASSERT_EQ(table.size(), 5U) << output.out;
  EXPECT_THAT(table[0], HasSubstr("efficacy"));
  const std::vector<std::vector<std::string>> expected = {{"random:16x8:1", "exhaustive"},
                                                          {"random:16x8:1", "random"},
                                                          {"random:4x200:2", "exhaustive", "refused:"},
                                                          {"random:4x200:2", "random"}};
  for (std::size_t row = 0; row < expected.size(); ++row) {
    auto begin = words(table[row + 1]);
    ASSERT_GE(begin.size(), expected[row].size());
    begin.resize(expected[row].size());
    EXPECT_EQ(begin, expected[row]);
  }
  EXPECT_EQ(words(table[1]).back(), "2") << "both seeds are optimal";
  EXPECT_EQ(split(output.err).size(), 7U) << output.err;
}

TEST_F(CliCompare, QuietLeavesTheTableAlone) {
  const Output output =
      run_nmperm({"compare", "random:16x8:1", "--solvers", "exhaustive", "--time-limit", "1", "--quiet"});
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.err, "");
  EXPECT_EQ(split(output.out).size(), 2U);
}

TEST_F(CliCompare, OutputAddsToTheResultsFile) {
  const auto compare = [&](const std::string& solver) {
    expect_done({"compare", "random:16x8:1", "--solvers", solver, "--time-limit", "2", "--pattern", "1:4",
                 "--output", path("results.json")});
  };
  compare("exhaustive");
  const json first = read_json(path("results.json"));
  EXPECT_EQ(first["format"], "nmperm-results");
  EXPECT_EQ(first["version"], 1);
  ASSERT_EQ(first["runs"].size(), 1U);
  EXPECT_EQ(first["runs"][0]["solver"], "exhaustive");
  EXPECT_EQ(first["runs"][0]["pattern"], "1:4");
  EXPECT_EQ(first["runs"][0]["status"], "optimal");
  compare("random");
  const json second = read_json(path("results.json"));
  ASSERT_EQ(second["runs"].size(), 2U);
  EXPECT_EQ(second["runs"][0], first["runs"][0]);
  EXPECT_EQ(second["runs"][1]["solver"], "random");
  EXPECT_EQ(count_files(), 1) << "a temporary file was left behind";
}

TEST_F(CliCompare, ResumeRunsOnlyWhatIsMissing) {
  const auto compare = [&](const std::string& seeds) {
    expect_done({"compare", "random:16x8:1", "random:4x200:2", "--solvers", "exhaustive,identity", "--seeds",
                 seeds, "--output", path("r.json"), "--resume"});
    return read_json(path("r.json"))["runs"];
  };
  const json first = compare("1");
  ASSERT_EQ(first.size(), 4U);
  const json second = compare("2");
  ASSERT_EQ(second.size(), 7U) << "a refusal is not asked for again";
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(second[i], first[i]);
  EXPECT_EQ(second[4]["seed"], 1);
  EXPECT_EQ(compare("2"), second);
}

TEST_F(CliCompare, PresetsAndBudgetsAreRowsOfTheirOwn) {
  const std::string table =
      expect_done({"compare", "random:16x8:1", "--solvers",
                   "stripe-groups:bounded-regressions=0,stripe-groups:bounded-regressions=5", "--time-limit",
                   "1,2", "--output", path("r.json")});
  EXPECT_EQ(split(table).size(), 5U) << table;
  const json runs = read_json(path("r.json"))["runs"];
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[0]["options"]["bounded-regressions"], "0");
  EXPECT_EQ(runs[1]["time_limit"], 2);
  EXPECT_EQ(runs[2]["preset_options"], (json{{"bounded-regressions", "5"}}));
}

TEST_F(CliCompare, AMemoryLimitCostsOneCell) {
  // The second matrix is larger than the limit, the first is not.
  const std::string table =
      expect_done({"compare", "random:16x8:1", "random:4096x4096:1", "--solvers", "identity", "--threads",
                   "1", "--memory-limit", "48", "--output", path("r.json")});
  const json runs = read_json(path("r.json"))["runs"];
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_THAT(runs[1]["failure"].get<std::string>(), HasSubstr("(memory limit 48 MiB)"));
  EXPECT_THAT(table, HasSubstr("seed 0 failed: "));
  if (kHasSmallProcesses) {
    EXPECT_EQ(runs[0]["status"], "feasible");
  }
}

TEST_F(CliCompare, InterruptKeepsWhatIsComplete) {
  Process process(nmperm_command({"compare", "random:16x8:1", "random:128x128:1", "--solvers", "annealing",
                                  "--time-limit", "1,600", "--output", path("r.json")}));
  ASSERT_TRUE(process.wait_for_error_text([](const std::string& text) {
    return text.find("random:16x8:1 annealing seed 0: kept") != std::string::npos;
  }));
  process.signal(SIGTERM);
  EXPECT_EQ(process.finish().exit_code, 130);
  const json runs = read_json(path("r.json"))["runs"];
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0]["time_limit"], 1);
  EXPECT_EQ(count_files(), 1);
}

TEST_F(CliCompare, RefusesBadInput) {
  expect_error({"compare"}, 2, {"INSTANCE"});
  expect_error({"compare", "random:8x8:1", "--solvers", "random,strip-groups"}, 2, {"strip-groups"});
  expect_error({"compare", "random:8x10:1"}, 2, {"10 columns", "2 zero columns"});
  expect_error({"compare", "random:8x8:1", "--pattern", "4:4"}, 2, {"4:4"});
  expect_error({"compare", "random:8x8:1", "--seeds", "0"}, 2, {"--seeds"});
  expect_error({"compare", "random:8x8:1", "--time-limit", "-1"}, 2, {"--time-limit"});
  expect_error({"compare", "random:8x8:1", "--time-limit", "1,x"}, 2, {"--time-limit"});
  expect_error({"compare", "random:8x8:1", "--memory-limit", "0"}, 2, {"--memory-limit"});
  expect_error({"compare", "random:8x8:1", "--solvers", "stripe-groups:bounded-regressions=x"}, 2,
               {"bounded-regressions"});
  expect_error({"compare", "random:8x8:1", "--resume"}, 2, {"--resume", "--output"});
  expect_error({"compare", path("none.npy")}, 2, {"none.npy"});
}

TEST_F(CliCompare, LeavesAnotherFileUntouched) {
  const std::string other = R"({"format": "nmperm-solution", "version": 1})";
  write("other.json", other);
  expect_error({"compare", "random:8x8:1", "--output", path("other.json")}, 2, {"other.json", "format"});
  EXPECT_EQ(read_file(path("other.json")), other);
  EXPECT_EQ(count_files(), 1);
}

}  // namespace
}  // namespace nmperm::test
