// `check` finds every figure that is not true.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kInstance = "random:16x8:1";

class CliCheck : public Cli {
 protected:
  json solution_ = solve({kInstance, "--solver", "exhaustive"});

  /// Expects exit code 4, the table with the wrong figure, and one line on standard error.
  void expect_wrong(const json& solution, const std::string& place) const {
    const Output output = run_nmperm({"check", kInstance, write("tampered.json", solution.dump())});
    EXPECT_EQ(output.exit_code, 4) << place << "\n" << output.out << output.err;
    EXPECT_EQ(split(output.err).size(), 1U) << output.err;
    EXPECT_THAT(output.err, HasSubstr("tampered.json"));
    bool marked = false;
    for (const auto& line : split(output.out)) {
      marked = marked || (words(line)[0] == place && line.find("WRONG") != std::string::npos);
    }
    EXPECT_TRUE(marked) << place << "\n" << output.out;
  }
};

TEST_F(CliCheck, AcceptsWhatSolveWrote) {
  const std::string table = expect_done({"check", kInstance, write("s.json", solution_.dump())});
  EXPECT_THAT(table, HasSubstr("magnitude.kept"));
  EXPECT_THAT(table, testing::Not(HasSubstr("WRONG")));
}

TEST_F(CliCheck, FindsEveryWrongMagnitude) {
  for (const char* name : {"total", "default", "row_bound", "kept"}) {
    json tampered = solution_;
    tampered["magnitude"][name] = tampered["magnitude"][name].get<double>() * 1.00001;
    expect_wrong(tampered, "magnitude." + std::string(name));
  }
}

TEST_F(CliCheck, FindsAWrongEfficacyGapAndBound) {
  json tampered = solution_;
  tampered["efficacy"] = solution_["efficacy"].get<double>() - 1;
  expect_wrong(tampered, "efficacy");
  tampered = solution_;
  tampered["gap"] = 0.25;
  expect_wrong(tampered, "gap");
  tampered = solution_;
  tampered["bound"]["kept"] = solution_["magnitude"]["kept"].get<double>() - 1;
  expect_wrong(tampered, "bound.kept");
}

TEST_F(CliCheck, FindsFiguresOfAnotherPermutation) {
  json tampered = solution_;
  std::swap(tampered["permutation"][0], tampered["permutation"][7]);
  expect_wrong(tampered, "magnitude.kept");
}

TEST_F(CliCheck, RefusesASolutionOfAnotherInstance) {
  const std::string file = write("s.json", solution_.dump());
  expect_error({"check", "random:16x8:2", file}, 2, {"s.json", "sha256"});
  expect_error({"check", "random:16x12:1", file}, 2, {"s.json", "16 x 12"});
}

TEST_F(CliCheck, RefusesWhatIsNoSolution) {
  json broken = solution_;
  broken["permutation"][2] = broken["permutation"][5];
  expect_error({"check", kInstance, write("twice.json", broken.dump())}, 2, {"twice.json", "permutation"});
  broken = solution_;
  broken["permutation"].erase(0);
  expect_error({"check", kInstance, write("short.json", broken.dump())}, 2, {"short.json", "permutation"});
  broken = solution_;
  broken.erase("magnitude");
  expect_error({"check", kInstance, write("field.json", broken.dump())}, 2, {"field.json", "magnitude"});
  broken = solution_;
  broken["version"] = 2;
  expect_error({"check", kInstance, write("version.json", broken.dump())}, 2, {"version.json", "version"});
  const std::string whole = solution_.dump();
  expect_error({"check", kInstance, write("cut.json", whole.substr(0, whole.size() / 2))}, 2, {"cut.json"});
  expect_error({"check", kInstance, path("missing.json")}, 2, {"missing.json"});
  expect_error({"check", kInstance, write("empty.json", "")}, 2, {"empty.json"});
}

}  // namespace
}  // namespace nmperm::test
