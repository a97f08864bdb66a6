// What `solve` writes.
#include <algorithm>
#include <numeric>

#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CliSolve : public Cli {};

TEST_F(CliSolve, WritesEveryFieldOfTheContract) {
  const json s = solve({"random:16x16:3", "--pattern", "1:4", "--segments", "8,8", "--solver", "channel-swap",
                        "--iteration-limit", "5", "--seed", "9", "--threads", "3"});
  EXPECT_EQ(s["format"], "nmperm-solution");
  EXPECT_EQ(s["version"], 1);
  EXPECT_EQ(s["instance"]["name"], "random:16x16:3");
  EXPECT_EQ(s["instance"]["rows"], 16);
  EXPECT_EQ(s["instance"]["columns"], 16);
  EXPECT_EQ(s["instance"]["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(s["pattern"], "1:4");
  EXPECT_EQ(s["segments"], json({8, 8}));
  EXPECT_EQ(s["solver"], "channel-swap");
  EXPECT_EQ(s["seed"], 9);
  EXPECT_EQ(s["threads"], 3);
  for (const char* key : {"efficacy", "bound", "gap", "status", "options", "seconds", "trace"}) {
    EXPECT_TRUE(s.contains(key)) << key;
  }
  EXPECT_GE(s["magnitude"]["kept"], s["magnitude"]["default"]);
  EXPECT_LE(s["magnitude"]["kept"], s["magnitude"]["row_bound"]);
  std::vector<int> permutation = s["permutation"];
  for (int i = 0; i < 16; ++i) EXPECT_EQ(permutation[static_cast<std::size_t>(i)] / 8, i / 8);
  std::sort(permutation.begin(), permutation.end());
  std::vector<int> all(16);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(permutation, all);
}

TEST_F(CliSolve, WithoutOutputPrintsASummaryAndWritesNoFile) {
  const Output output =
      run_nmperm({"solve", "random:128x64:1", "--solver", "stripe-groups", "--iteration-limit", "1"});
  EXPECT_EQ(output.exit_code, 0);
  for (const char* part : {"random:128x64:1", "2852.377", "3042.332", "4083.169", "efficacy", "status"}) {
    EXPECT_THAT(output.out, HasSubstr(part));
  }
}

TEST_F(CliSolve, SolutionFileAndStandardOutputSayTheSame) {
  const std::vector<std::string> arguments = {"random:16x16:3", "--solver", "annealing", "--iteration-limit",
                                              "3"};
  json printed = solve(arguments);
  std::vector<std::string> command = arguments;
  command.insert(command.begin(), "solve");
  command.insert(command.end(), {"--output", path("out:put.json")});
  EXPECT_EQ(expect_done(command), "");
  json written = read_json(path("out:put.json"));
  for (const char* clocked : {"seconds", "trace"}) {
    printed.erase(clocked);
    written.erase(clocked);
  }
  EXPECT_EQ(printed, written);
}

TEST_F(CliSolve, EverySolutionPassesCheck) {
  for (const char* pattern : {"2:4", "1:4", "1:2", "3:8"}) {
    expect_done({"solve", "structured:24x16:5", "--pattern", pattern, "--time-limit", "0.2", "--output",
                 path("s.json")});
    expect_done({"check", "structured:24x16:5", path("s.json")});
  }
}

TEST_F(CliSolve, ReadsArraysOfArchivesUnderPathsWithColonsAndBlanks) {
  expect_done({"generate", "random:8x8:1", "--output", path("a b:c.npy")});
  const json s = solve({path("a b:c.npy"), "--iteration-limit", "1", "--solver", "random"});
  EXPECT_EQ(s["instance"]["name"], path("a b:c.npy"));
  EXPECT_EQ(s["instance"]["sha256"], solve({"random:8x8:1", "--time-limit", "0"})["instance"]["sha256"]);
}

TEST_F(CliSolve, StartIsNeverMadeWorse) {
  const std::vector<std::string> instance = {"random:32x32:4"};
  const json good = solve({"random:32x32:4", "--solver", "stripe-groups", "--iteration-limit", "20"});
  const std::string start = write("start.json", good.dump());
  ASSERT_GT(good["magnitude"]["kept"], good["magnitude"]["default"]);
  for (const char* solver : {"identity", "random", "channel-swap", "annealing", "stripe-groups"}) {
    const json next = solve(
        {"random:32x32:4", "--solver", solver, "--iteration-limit", "1", "--seed", "5", "--start", start});
    EXPECT_GE(next["magnitude"]["kept"], good["magnitude"]["kept"]) << solver;
  }
}

TEST_F(CliSolve, StatusSaysWhatEndedTheSearch) {
  EXPECT_EQ(solve({"random:16x16:1", "--solver", "random", "--iteration-limit", "2"})["status"], "feasible");
  EXPECT_EQ(solve({"random:16x16:1", "--solver", "random", "--option", "samples=1000000000", "--time-limit",
                   "0.05"})["status"],
            "time_limit");
  EXPECT_EQ(solve({"random:16x8:1", "--solver", "exhaustive"})["status"], "optimal");
}

TEST_F(CliSolve, ReplacesAnOlderSolution) {
  write("s.json", "old");
  expect_done(
      {"solve", "random:8x8:1", "--iteration-limit", "1", "--solver", "random", "--output", path("s.json")});
  EXPECT_EQ(read_json(path("s.json"))["format"], "nmperm-solution");
  EXPECT_EQ(count_files(), 1) << "a temporary file was left behind";
}

TEST_F(CliSolve, TraceIsWellFormedAndMonotone) {
  expect_done({"solve", "random:64x64:2", "--solver", "stripe-groups", "--iteration-limit", "50", "--quiet",
               "--trace", path("t.csv")});
  const auto lines = split(read_file(path("t.csv")));
  ASSERT_GE(lines.size(), 3U);
  EXPECT_EQ(lines[0], "seconds,kept,efficacy,bound,gap,source");
  double seconds = 0, kept = 0, efficacy = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto fields = split(lines[i] + ",", ',');
    ASSERT_EQ(fields.size(), 6U) << lines[i];
    EXPECT_GE(std::stod(fields[0]), seconds);
    EXPECT_GT(std::stod(fields[1]), kept);
    EXPECT_TRUE(i == 1 || std::stod(fields[2]) > efficacy) << lines[i];
    EXPECT_EQ(fields[5], "stripe-groups");
    seconds = std::stod(fields[0]);
    kept = std::stod(fields[1]);
    efficacy = std::stod(fields[2]);
  }
}

TEST_F(CliSolve, WorksWithStandardInputClosed) {
  const auto command = nmperm_command(
      {"solve", "random:8x8:1", "--solver", "random", "--iteration-limit", "1", "--output", path("s.json")});
  const Output output = Process(command, Process::ErrorStream::kPipe, Process::InputStream::kClosed).finish();
  EXPECT_EQ(output.exit_code, 0) << output.err;
  expect_done({"check", "random:8x8:1", path("s.json")});
}

TEST_F(CliSolve, GapLimitEndsTheSearchBeforeTheProof) {
  std::vector<std::string> arguments = {"random:48x20:1", "--solver", "setpart"};
  const Output small = run_nmperm({"solve", "random:4x8:1", "--solver", "setpart"});
  if (small.err.find("install the Debian package") != std::string::npos) GTEST_SKIP() << small.err;
  ASSERT_EQ(small.exit_code, 0) << small.err;
  EXPECT_EQ(solve(arguments)["status"], "optimal");
  arguments.insert(arguments.end(), {"--gap-limit", "0.5"});
  const json s = solve(arguments);
  EXPECT_EQ(s["status"], "feasible");
  EXPECT_GT(s["gap"], 0);
  EXPECT_LE(s["gap"], 0.5);
}

}  // namespace
}  // namespace nmperm::test
