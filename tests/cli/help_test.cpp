// Help, version, and command lines that nmperm does not understand.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using testing::HasSubstr;

TEST(CliHelp, TellsItsVersion) {
  EXPECT_EQ(expect_done({"--version"}), "nmperm " NMPERM_PROGRAM_VERSION "\n");
}

TEST(CliHelp, ProgramHelpNamesEverySubcommandAndTheExitCodes) {
  const std::string help = expect_done({"--help"});
  for (const char* name :
       {"solve", "check", "info", "solvers", "generate", "export", "apply", "verify", "Examples:", "130"}) {
    EXPECT_THAT(help, HasSubstr(name));
  }
}

TEST(CliHelp, SubcommandsHelpHasExamples) {
  for (const char* name : {"solve", "check", "info", "solvers", "generate", "export", "apply", "verify"}) {
    EXPECT_THAT(expect_done({name, "--help"}), HasSubstr("nmperm " + std::string(name))) << name;
  }
}

TEST(CliHelp, SolveHelpNamesEveryOptionOfTheContract) {
  const std::string help = expect_done({"solve", "--help"});
  for (const char* name :
       {"--pattern", "--solver", "--option", "--time-limit", "--iteration-limit", "--gap-limit", "--segments",
        "--threads", "--seed", "--start", "--output", "--trace", "--quiet", "--config"}) {
    EXPECT_THAT(help, HasSubstr(name));
  }
}

TEST(CliHelp, HelpFitsEightyColumnsOrLittleMore) {
  for (const char* name : {"solve", "check", "info", "solvers", "generate", "export", "apply", "verify"}) {
    for (const auto& line : split(expect_done({name, "--help"}))) EXPECT_LE(line.size(), 100U) << line;
  }
}

TEST(CliHelp, FailsOnAFullDisk) {
  const Output output = Process({"/bin/sh", "-c", "\"$0\" --help > /dev/full", NMPERM_PROGRAM}).finish();
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_EQ(split(output.err).size(), 1U) << output.err;
}

TEST(CliUsage, SaysWhichSubcommandsThereAre) {
  expect_error({}, 2, {"no subcommand", "solve, check, info, solvers"});
}

TEST(CliUsage, SuggestsTheNearestSubcommand) {
  expect_error({"slove", "random:8x8:1"}, 2, {"slove", "unknown subcommand", "did you mean solve?"});
}

TEST(CliUsage, SuggestsTheNearestOption) {
  expect_error({"solve", "random:8x8:1", "--sover", "random"}, 2,
               {"--sover", "unknown option", "did you mean --solver?"});
  expect_error({"info", "random:8x8:1", "--patern=2:4"}, 2, {"--patern", "did you mean --pattern?"});
}

TEST(CliUsage, PointsToTheHelpOfTheSubcommand) {
  expect_error({"solve", "random:8x8:1", "-q"}, 2, {"-q", "unknown option", "nmperm solve --help"});
  expect_error({"solve", "--", "random:8x8:1", "--quiet"}, 2, {"--quiet"});
}

TEST(CliUsage, RefusesArgumentsTooFewAndTooMany) {
  expect_error({"solve"}, 2, {"INSTANCE"});
  expect_error({"check", "random:8x8:1"}, 2, {"SOLUTION"});
  expect_error({"generate", "random:8x8:1"}, 2, {"--output"});
  expect_error({"info", "random:8x8:1", "random:8x8:2"}, 2, {"random:8x8:2", "one argument too many"});
  expect_error({"solve", "random:8x8:1", "--seed"}, 2, {"--seed"});
}

}  // namespace
}  // namespace nmperm::test
