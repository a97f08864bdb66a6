// Progress on standard error.
#include "apps/progress.h"

#include <chrono>

#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class CliProgress : public Cli {};

constexpr const char* kInstance = "random:64x64:1";

std::vector<std::string> command(const std::string& seconds, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"solve", kInstance, "--solver", "annealing", "--time-limit", seconds};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return nmperm_command(arguments);
}

TEST_F(CliProgress, LinesHaveTheColumnsOfTheContractAtFixedPlaces) {
  const Output output = Process(command("0.5")).finish();
  const auto lines = split(output.err);
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(words(lines[0]),
            (std::vector<std::string>{"seconds", "kept", "efficacy", "bound", "gap", "source"}));
  const auto column = lines[0].find("source");
  double seconds = 0, kept = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto fields = words(lines[i]);
    ASSERT_EQ(fields.size(), 6U) << lines[i];
    EXPECT_EQ(lines[i].rfind(' ') + 1, column) << lines[i];
    if (fields[0] == "seconds") continue;
    EXPECT_GE(std::stod(fields[0]), seconds);
    EXPECT_GE(std::stod(fields[1]), kept);
    seconds = std::stod(fields[0]);
    kept = std::stod(fields[1]);
  }
  EXPECT_THAT(output.err, Not(HasSubstr("\r")));
  EXPECT_THAT(output.err, Not(HasSubstr("\x1b")));
}

TEST_F(CliProgress, TheLastLineIsTheResult) {
  const Output output = Process(command("0.3", {"--output", "-"})).finish();
  const auto lines = split(output.err);  // the last one says what was written
  ASSERT_GE(lines.size(), 3U);
  const auto solution = nlohmann::json::parse(output.out);
  const double kept = std::stod(words(lines[lines.size() - 2])[1]);
  EXPECT_NEAR(kept, solution["magnitude"]["kept"], 1e-5 * kept);
}

TEST(Progress, ThousandsOfImprovementsShareLinesAndTheLastIsPrinted) {
  const Magnitude reference{1000, 100, 900, 100};
  constexpr int kImprovements = 100'000;
  const auto begin = std::chrono::steady_clock::now();
  testing::internal::CaptureStderr();
  {
    Progress progress(reference, 10);
    for (int i = 1; i <= kImprovements; ++i)
      progress.observe({i * 1e-5, 100 + i * 1e-3, std::nullopt, "swap"});
  }
  const auto lines = split(testing::internal::GetCapturedStderr());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  ASSERT_FALSE(lines.empty());
  EXPECT_LE(static_cast<double>(lines.size()), 2 + 1.1 * elapsed.count() / 0.1);
  EXPECT_EQ(words(lines.back()), (std::vector<std::string>{"1.00", "200.00000", "12.500", "-", "-", "swap"}));
}

TEST(Progress, LinesShowBoundAndGapAtFixedPlaces) {
  const Magnitude reference{1000, 100, 900, 100};
  const std::string unknown = progress_line(reference, {1.5, 500, std::nullopt, "x"});
  const std::string known = progress_line(reference, {1234.5, 500, 510, "x"});
  EXPECT_EQ(words(known),
            (std::vector<std::string>{"1234.50", "500.00000", "50.000", "510.00000", "0.020000", "x"}));
  EXPECT_EQ(unknown.size(), known.size());
  EXPECT_EQ(progress_header().find("source"), known.find("x"));
}

TEST(Progress, EfficacyIsADashWhereDefaultIsTheRowBound) {
  const Magnitude reference{1000, 900, 900, 900};
  EXPECT_EQ(words(progress_line(reference, {0, 900, 900, "identity"}))[2], "-");
}

TEST_F(CliProgress, QuietPrintsNothing) {
  EXPECT_EQ(Process(command("0.1", {"--quiet"})).finish().err, "");
  EXPECT_EQ(Process(command("0.1", {"--quiet"}), Process::ErrorStream::kTerminal).finish().err, "");
}

/// The bar of a search that has just begun, with some clock reading before it.
std::string first_bar(const std::vector<std::string>& limits) {
  std::vector<std::string> arguments = {"solve", kInstance, "--solver", "annealing"};
  arguments.insert(arguments.end(), limits.begin(), limits.end());
  Process process(nmperm_command(arguments), Process::ErrorStream::kTerminal);
  std::string bar;
  process.wait_for_error_text([&](const std::string& text) {
    bar = text.substr(text.rfind('\n') + 1);
    return testing::Matches(testing::EndsWith(" s"))(text);
  });
  return bar;
}

TEST_F(CliProgress, TheDefaultTimeLimitHoldsUnlessIterationsAreLimited) {
  EXPECT_THAT(first_bar({}), testing::EndsWith("/ 10 s"));
  EXPECT_THAT(first_bar({"--iteration-limit", "1000000000000"}), Not(HasSubstr("/")));
  EXPECT_THAT(first_bar({"--iteration-limit", "1000000000000", "--time-limit", "50"}),
              testing::EndsWith("/ 50 s"));
}

TEST_F(CliProgress, ATerminalShowsABarThatIsGoneInTheEnd) {
  const Output output = Process(command("0.5"), Process::ErrorStream::kTerminal).finish();
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_THAT(output.err, HasSubstr("/ 0.5 s"));
  EXPECT_THAT(output.err, HasSubstr("[#"));
  EXPECT_THAT(output.err, testing::EndsWith("\r\x1b[K"));
}

}  // namespace
}  // namespace nmperm::test
