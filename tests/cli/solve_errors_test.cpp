// Bad input to `solve`: exit code 2, one line that says what is wrong, where and what was expected, no file.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

class CliSolveErrors : public Cli {
 protected:
  /// Expects an error of `solve INSTANCE --output FILE ARGUMENTS`, and no file.
  void expect_refused(const std::string& instance, const std::vector<std::string>& arguments,
                      const std::vector<std::string>& parts) const {
    const int files = count_files();
    std::vector<std::string> command = {"solve", instance, "--output", path("out.json")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    expect_error(command, 2, parts);
    EXPECT_EQ(count_files(), files) << "something was written";
  }
  void expect_refused(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& parts) const {
    expect_refused("random:8x8:1", arguments, parts);
  }
};

TEST_F(CliSolveErrors, UnknownSolverSuggestsTheNearest) {
  expect_refused({"--solver", "strip-groups"}, {"strip-groups", "stripe-groups"});
}

TEST_F(CliSolveErrors, ColumnsNotDivisibleSayHowManyToPad) {
  expect_refused("random:8x10:1", {}, {"10 columns", "M = 4", "2 zero columns"});
  expect_refused("random:8x8:1", {"--segments", "5,3"}, {"segment 0", "3 zero columns"});
}

TEST_F(CliSolveErrors, BadPatterns) {
  for (const char* pattern :
       {"", "4", "4:4", "5:4", "0:4", "-1:4", "2:4:8", "2.5:4", "two:four", "2:99999"}) {
    expect_refused({"--pattern", pattern}, {"pattern"});
  }
}

TEST_F(CliSolveErrors, BadNumbers) {
  expect_refused({"--threads", "-1"}, {"--threads", "'-1'", "0 .. "});
  expect_refused({"--threads=-1"}, {"--threads", "'-1'"});
  expect_refused({"--threads", "two"}, {"--threads", "'two'"});
  expect_refused({"--threads", "1.5"}, {"--threads", "'1.5'"});
  expect_refused({"--seed", "-7"}, {"--seed", "'-7'"});
  expect_refused({"--time-limit", "-1"}, {"--time-limit", "'-1'", "0 or more"});
  expect_refused({"--time-limit", "nan"}, {"--time-limit", "'nan'"});
  expect_refused({"--time-limit", "5s"}, {"--time-limit", "'5s'"});
  expect_refused({"--iteration-limit", "-1"}, {"--iteration-limit", "'-1'"});
  expect_refused({"--iteration-limit", "99999999999999999999"}, {"--iteration-limit", "whole number"});
  expect_refused({"--gap-limit", "-0.1"}, {"--gap-limit", "'-0.1'"});
}

TEST_F(CliSolveErrors, BadSegments) {
  expect_refused({"--segments", "4,8"}, {"segments", "12", "8, the number of columns"});
  expect_refused({"--segments", "4,x"}, {"--segments", "'x'"});
  expect_refused({"--segments", "8,0"}, {"--segments", "'0'"});
  expect_refused({"--segments", ""}, {"--segments"});
}

TEST_F(CliSolveErrors, BadSolverOptions) {
  const std::vector<std::string> solver = {"--solver", "stripe-groups", "--option"};
  const auto with = [&](const std::string& option) {
    std::vector<std::string> arguments = solver;
    arguments.push_back(option);
    return arguments;
  };
  expect_refused(with("stripe-group-siz=8"), {"stripe-group-siz", "did you mean stripe-group-size?"});
  expect_refused(with("stripe-group-size=99"), {"stripe-group-size", "'99'"});
  expect_refused(with("bounded-regressions=-1"), {"bounded-regressions", "'-1'"});
  expect_refused(with("bounded-regressions"), {"--option", "KEY=VALUE"});
  expect_refused(with("=3"), {"--option", "KEY=VALUE"});
  expect_refused({"--option", "a=1", "--option", "a=2"}, {"--option", "a", "given twice"});
}

TEST_F(CliSolveErrors, BadInstances) {
  expect_refused(path("missing.npy"), {}, {"missing.npy"});
  expect_refused(path("missing.npz:conv"), {}, {"missing.npz"});
  expect_refused("random:0x8:1", {}, {"random:0x8:1"});
  expect_refused("random:8:1", {}, {"random:8:1"});
  expect_refused("rnadom:8x8:1", {}, {"rnadom:8x8:1"});
  expect_refused(write("text.npy", "not an array"), {}, {"text.npy"});
  expect_refused(write("empty.npy", ""), {}, {"empty.npy"});
}

TEST_F(CliSolveErrors, TruncatedInstance) {
  expect_done({"generate", "random:8x8:1", "--output", path("whole.npy")});
  const std::string whole = read_file(path("whole.npy"));
  expect_refused(write("cut.npy", whole.substr(0, whole.size() - 1)), {}, {"cut.npy"});
}

TEST_F(CliSolveErrors, UnwritableOutput) {
  for (const char* option : {"--output", "--trace"}) {
    expect_error({"solve", "random:8x8:1", option, path("no/such/folder/file")}, 2, {"no/such/folder/file"});
    expect_error({"solve", "random:8x8:1", option, path("")}, 2, {path("")});
  }
  for (const char* option : {"--output", "--trace", "--start", "--config"}) {
    expect_error({"solve", "random:8x8:1", option, ""}, 2, {option, "file name"});
  }
  expect_error({"solve", "random:8x8:1", "--trace", "-"}, 2, {"--trace"});
  EXPECT_EQ(count_files(), 0);
}

TEST_F(CliSolveErrors, OutputsThatWouldDestroyAFile) {
  expect_done({"generate", "random:8x8:1", "--output", path("w.npy")});
  const std::string before = read_file(path("w.npy"));
  expect_error({"solve", path("w.npy"), "--output", path("w.npy")}, 2, {"w.npy", "overwritten"});
  expect_error({"solve", path("w.npy"), "--output", path("./w.npy")}, 2, {"w.npy", "overwritten"});
  EXPECT_EQ(read_file(path("w.npy")), before);
  expect_error({"solve", "random:8x8:1", "--output", path("a"), "--trace", path("a")}, 2, {"two files"});
}

TEST_F(CliSolveErrors, StartThatIsNoStart) {
  nlohmann::json solution = solve({"random:8x8:1", "--iteration-limit", "1", "--solver", "random"});
  const auto start = [&](const std::string& name) { return write(name, solution.dump()); };
  expect_refused("random:8x8:2", {"--start", start("other.json")}, {"other.json", "sha256"});
  expect_refused({"--pattern", "1:4", "--start", start("pattern.json")}, {"pattern.json", "pattern"});
  solution["permutation"][1] = solution["permutation"][0];
  expect_refused({"--start", start("twice.json")}, {"twice.json", "permutation[1]"});
  expect_refused({"--start", path("missing.json")}, {"missing.json"});
  expect_refused({"--start", write("cut.json", "{\"format\": \"nmp")}, {"cut.json"});
}

TEST_F(CliSolveErrors, ExhaustiveRefusesWhatItCannotSolve) {
  expect_refused("random:8x4096:1", {"--solver", "exhaustive"}, {"exhaustive"});
}

}  // namespace
}  // namespace nmperm::test
