// `report`: pages and figures of results files.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

class CliReport : public Cli {
 protected:
  void SetUp() override {
    write("one.json", R"({"format": "nmperm-results", "version": 1, "runs": []})");
    const Output output = run_nmperm({"report", path("one.json"), "--output", path("page.html")});
    if (output.err.find("without the charting library") != std::string::npos)
      GTEST_SKIP() << "built without npm: no charting library";
    expect_done({"compare", "random:16x8:1", "--solvers", "exhaustive,identity", "--quiet", "--output",
                 path("r.json")});
  }
};

TEST_F(CliReport, WritesAPageAndFigures) {
  expect_done({"report", path("r.json"), "--output", path("page.html"), "--title", "My title"});
  EXPECT_THAT(read_file(path("page.html")), testing::HasSubstr("<title>My title</title>"));
  expect_done({"report", path("r.json"), path("r.json"), "--output", path("f.svg"), "--format", "svg",
               "--figure", "profile"});
  EXPECT_THAT(read_file(path("f.svg")), testing::StartsWith("<svg"));
}

TEST_F(CliReport, CompareMakesAPageInOneCommand) {
  expect_done(
      {"compare", "random:16x8:1", "--solvers", "exhaustive", "--quiet", "--report", path("own.html")});
  EXPECT_THAT(read_file(path("own.html")), testing::HasSubstr("random:16x8:1"));
  expect_error({"compare", "random:16x8:1", "--report", path("none/own.html")}, 2, {"own.html"});
  expect_error({"compare", "random:16x8:1", "--output", path("x.json"), "--report", path("x.json")}, 2,
               {"--report", "another file"});
}

TEST_F(CliReport, DrawsNothingFromRunsThatContradictAProof) {
  nlohmann::json results = read_json(path("r.json"));
  nlohmann::json& identity = results["runs"][1];
  ASSERT_EQ(identity["solver"], "identity");
  const double optimum = results["runs"][0]["bound"]["kept"].get<double>();
  identity["magnitude"]["kept"] = optimum * (1 + 1e-6);
  write("false.json", results.dump());
  expect_error({"report", path("false.json"), "--output", path("p.html")}, 4,
               {"false.json: random:16x8:1", "identity, seed 0 keeps", "more than the bound of exhaustive"});
  EXPECT_FALSE(exists(path("p.html")));
}

TEST_F(CliReport, RefusesBadInputAndWritesNothing) {
  const int files = count_files();
  const std::string results = read_file(path("r.json"));
  expect_error({"report", path("r.json")}, 2, {"--output"});
  expect_error({"report", path("none.json"), "--output", path("p.html")}, 2, {"none.json"});
  expect_error({"report", path("one.json"), "--output", path("p.html")}, 2, {"one.json", "runs"});
  expect_error({"report", path("r.json"), "--output", path("none/p.html")}, 2, {"p.html"});
  expect_error({"report", path("r.json"), "--output", path("r.json")}, 2, {"another file"});
  expect_error({"report", path("r.json"), "--output", path("p.html"), "--format", "png"}, 2, {"html or svg"});
  expect_error({"report", path("r.json"), "--output", path("p.svg"), "--format", "svg", "--figure", "pie"}, 2,
               {"pie", "profile"});
  expect_error({"report", path("r.json"), "--output", path("p.html"), "--instance", "other"}, 2, {"other"});
  EXPECT_EQ(count_files(), files);
  EXPECT_EQ(read_file(path("r.json")), results);
  write("cut.json", results.substr(0, results.size() / 2));
  expect_error({"report", path("cut.json"), "--output", path("p.html")}, 2, {"cut.json"});
  write("future.json", R"({"format": "nmperm-results", "version": 2, "runs": []})");
  expect_error({"report", path("future.json"), "--output", path("p.html")}, 2, {"future.json", "version"});
  EXPECT_FALSE(exists(path("p.html")));
}

}  // namespace
}  // namespace nmperm::test
