// A run that breaks down costs its own cell, whatever it does.
#include "bench/isolated_run.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "bench/child_process.h"
#include "instances/fingerprint.h"
#include "instances/load.h"
#include "tests/io/file_builders.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;
using testing::TemporaryFolder;

class IsolatedRun : public ::testing::Test {
 protected:
  /// A program that does what the shell script says, in place of nmperm.
  std::string program(const std::string& script) {
    const std::string path = folder_.write("program", "#!/bin/sh\n" + script + "\n");
    chmod(path.c_str(), 0700);
    return path;
  }
  ComparisonRun run_with(Isolation isolation) {
    ComparisonRun run;
    run.instance = "random:16x8:1";
    run.preset.solver = "exhaustive";
    run.pattern = problem_.pattern();
    run.segments = problem_.segments().lengths();
    run.time_limit_s = 5;
    run.result.seed = 3;
    run.result.threads = 1;
    run_isolated(run, problem_, isolation);
    return run;
  }
  std::string failure_of(const std::string& script) { return run_with({program(script), {}, 60}).failure; }

  TemporaryFolder folder_;
  Problem problem_{load_instance("random:16x8:1").scores};
};

TEST_F(IsolatedRun, HasTheResultOfTheSolver) {
  const ComparisonRun run = run_with({NMPERM_PROGRAM, {}, 60});
  EXPECT_EQ(run.failure, "");
  EXPECT_EQ(run.result.status, Status::kOptimal);
  EXPECT_EQ(run.result.seed, 3u);
  EXPECT_EQ(run.result.magnitude.kept, problem_.evaluate(run.result.permutation).kept);
  EXPECT_FALSE(run.result.trace.empty());
}

TEST_F(IsolatedRun, NotesASignal) {
  EXPECT_THAT(failure_of("kill -SEGV $$"), HasSubstr("signal 11 (Segmentation fault)"));
  EXPECT_THAT(failure_of("kill -KILL $$"), HasSubstr("signal 9 (Killed)"));
}

TEST_F(IsolatedRun, NotesAnExitCodeAndWhatWasSaid) {
  EXPECT_EQ(failure_of("echo first >&2; echo nmperm: not enough memory >&2; exit 2"),
            "exit code 2: not enough memory");
  EXPECT_EQ(failure_of("exit 7"), "exit code 7");
}

TEST_F(IsolatedRun, NotesAnOutputThatIsNoSolution) {
  EXPECT_THAT(failure_of("true"), HasSubstr("its solution"));
  EXPECT_THAT(failure_of("echo '{\"format\": \"nmperm-'"), HasSubstr("its solution"));
  EXPECT_THAT(failure_of("echo '{\"format\": \"other\"}'"), HasSubstr("its solution: format"));
}

TEST_F(IsolatedRun, NotesTheSolutionOfAnotherInstance) {
  const std::string script =
      std::string("exec ") + NMPERM_PROGRAM + " solve random:16x8:2 --solver identity --quiet --output -";
  EXPECT_THAT(failure_of(script), HasSubstr("its solution"));
}

TEST_F(IsolatedRun, EndsAProgramThatDoesNotEnd) {
  ComparisonRun run;
  run.instance = "random:16x8:1";
  run.time_limit_s = 0;
  run_isolated(run, problem_, {program("exec sleep 1000"), {}, 0.1});
  EXPECT_THAT(run.failure, HasSubstr("time limit"));
}

TEST_F(IsolatedRun, NamesTheMemoryLimit) {
  // So little that the program does not even get to its first line: what it says then is the system's.
  const ComparisonRun run = run_with({NMPERM_PROGRAM, 64 * 1024, 60});
  EXPECT_THAT(run.failure, ::testing::EndsWith("(memory limit 0.0625 MiB)"));
}

TEST_F(IsolatedRun, IsInterrupted) {
  const std::atomic<bool> interrupt = true;
  const ComparisonRun run = run_with({program("exec sleep 1000"), {}, 60, &interrupt});
  EXPECT_THAT(run.failure, HasSubstr("signal 15"));
}

TEST_F(IsolatedRun, RefusesAProgramThatIsNotThere) {
  EXPECT_THAT(refusal_of([&] {
                run_with({folder_.path("none"), {}, 60});
              }),
              AllOf(HasSubstr("none"), HasSubstr("cannot be executed")));
}

TEST(ChildProcess, LimitsWhatItReads) {
  ChildCommand command;
  command.words = {"/bin/sh", "-c", "while :; do echo much; done"};
  command.most_output_bytes = 100000;
  const ChildResult child = run_child(command);
  EXPECT_TRUE(child.too_much_output);
  EXPECT_EQ(child.signal, SIGKILL);
}

TEST(ChildProcess, KeepsBothStreamsApart) {
  ChildCommand command;
  command.words = {"/bin/sh", "-c", "echo out; echo err >&2; exit 3"};
  const ChildResult child = run_child(command);
  EXPECT_EQ(child.output, "out\n");
  EXPECT_EQ(child.error, "err\n");
  EXPECT_EQ(child.exit_code, 3);
}

}  // namespace
}  // namespace nmperm
