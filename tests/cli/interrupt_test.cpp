// Ctrl-C: the first writes the best so far, the second ends at once; files are whole or absent.
#include <signal.h>

#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

class CliInterrupt : public Cli {};

/// Past the header: the search runs.
bool has_progress_line(const std::string& text) {
  return split(text).size() >= 2 && text.back() == '\n';
}

std::vector<std::string> long_search(const std::string& instance, const std::string& output) {
  return nmperm_command(
      {"solve", instance, "--solver", "annealing", "--time-limit", "600", "--output", output});
}

TEST_F(CliInterrupt, FirstSignalWritesTheIncumbent) {
  for (const int number : {SIGINT, SIGTERM}) {
    Process process(long_search("random:256x256:1", path("s.json")));
    ASSERT_TRUE(process.wait_for_error_text(has_progress_line));
    process.signal(number);
    const Output output = process.finish();
    EXPECT_EQ(output.exit_code, 130) << output.err;
    EXPECT_EQ(read_json(path("s.json"))["status"], "interrupted");
    expect_done({"check", "random:256x256:1", path("s.json")});
    EXPECT_EQ(count_files(), 1);
  }
}

TEST_F(CliInterrupt, AutoIsInterruptedToo) {
  Process process(
      nmperm_command({"solve", "random:256x256:1", "--time-limit", "600", "--output", path("s.json")}));
  ASSERT_TRUE(process.wait_for_error_text(has_progress_line));
  process.signal(SIGINT);
  EXPECT_EQ(process.finish().exit_code, 130);
  expect_done({"check", "random:256x256:1", path("s.json")});
}

TEST_F(CliInterrupt, SecondSignalEndsAtOnce) {
  // The solution is longer than a pipe holds and nobody reads it: after the first signal the program is stuck
  // in writing, and only the second can end it.
  Process process(long_search("random:2x32768:1", "-"));
  ASSERT_TRUE(process.wait_for_error_text(has_progress_line));
  process.signal(SIGINT);
  process.wait_for_unread_output();
  process.signal(SIGINT);
  const Output output = process.finish_without_reading();
  EXPECT_EQ(output.exit_code, 130);
  EXPECT_FALSE(nlohmann::json::accept(output.out)) << "the solution came out whole: the test proves nothing";
}

TEST_F(CliInterrupt, AKilledSearchLeavesTheOldFileAlone) {
  write("s.json", "old");
  Process process(long_search("random:64x64:1", path("s.json")));
  ASSERT_TRUE(process.wait_for_error_text(has_progress_line));
  process.signal(SIGKILL);
  EXPECT_EQ(process.finish().exit_code, 128 + SIGKILL);
  EXPECT_EQ(read_file(path("s.json")), "old");
  EXPECT_EQ(count_files(), 1);
}

}  // namespace
}  // namespace nmperm::test
