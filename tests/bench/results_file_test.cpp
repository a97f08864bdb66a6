#include "bench/results_file.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bench/machine.h"
#include "core/instruction_set.h"
#include "tests/io/file_builders.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using nlohmann::json;
using testing::contents;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal_of;
using testing::TemporaryFolder;

std::vector<ComparisonRun> runs_of(const std::string& solver) {
  Comparison comparison;
  comparison.instances = {"random:16x8:1", "random:4x200:2"};
  comparison.solvers = {solver};
  comparison.threads = 1;
  return run_comparison(comparison, [](const ComparisonRun&) {});
}

TEST(ResultsFile, IsCreatedAndHoldsEveryFigure) {
  const TemporaryFolder folder;
  const std::string path = folder.path("results.json");
  const auto runs = runs_of("exhaustive");
  require_results_file(path);
  add_to_results_file(path, runs);
  const json document = json::parse(contents(path));
  EXPECT_EQ(document["format"], "nmperm-results");
  EXPECT_EQ(document["version"], 1);
  ASSERT_EQ(document["runs"].size(), 2u);
  const json& run = document["runs"][0];
  EXPECT_EQ(run["instance"], (json{{"name", "random:16x8:1"}, {"rows", 16}, {"columns", 8}}));
  EXPECT_EQ(run["pattern"], "2:4");
  EXPECT_EQ(run["solver"], "exhaustive");
  EXPECT_EQ(run["time_limit"], 10);
  EXPECT_EQ(run["seed"], 0);
  EXPECT_EQ(run["threads"], 1);
  const Result& result = runs[0].result;
  EXPECT_EQ(run["magnitude"]["kept"], result.magnitude.kept);
  EXPECT_EQ(run["magnitude"]["default"], result.magnitude.default_kept);
  EXPECT_EQ(run["magnitude"]["row_bound"], result.magnitude.row_bound);
  EXPECT_EQ(run["magnitude"]["total"], result.magnitude.total);
  EXPECT_EQ(run["efficacy"], *result.magnitude.efficacy());
  EXPECT_EQ(run["bound"]["kept"], result.bound->kept);
  EXPECT_EQ(run["gap"], 0);
  EXPECT_EQ(run["status"], "optimal");
  EXPECT_EQ(run["seconds"], result.seconds);
  ASSERT_EQ(run["trace"].size(), result.trace.size());
  EXPECT_EQ(run["trace"].back()["kept"], result.trace.back().kept);
  EXPECT_EQ(run["trace"].back()["seconds"], result.trace.back().seconds);
  EXPECT_EQ(run["trace"].back()["source"], "exhaustive");
  EXPECT_EQ(run["machine"]["instruction_set"], instruction_set());
  EXPECT_EQ(run["machine"]["processors"], this_machine().processors);
  EXPECT_THAT(run["program"].get<std::string>(), ::testing::StartsWith("nmperm "));
  EXPECT_FALSE(run.contains("refusal"));
}

TEST(ResultsFile, SaysWhyThereWasNoRun) {
  const TemporaryFolder folder;
  add_to_results_file(folder.path("results.json"), runs_of("exhaustive"));
  const json refused = json::parse(contents(folder.path("results.json")))["runs"][1];
  EXPECT_EQ(refused["instance"]["columns"], 200);
  EXPECT_THAT(refused["refusal"].get<std::string>(), HasSubstr("200 columns"));
  EXPECT_FALSE(refused.contains("magnitude"));
}

TEST(ResultsFile, IsAddedTo) {
  const TemporaryFolder folder;
  const std::string path = folder.path("results.json");
  add_to_results_file(path, runs_of("exhaustive"));
  const json before = json::parse(contents(path));
  require_results_file(path);
  add_to_results_file(path, runs_of("identity"));
  const json after = json::parse(contents(path));
  ASSERT_EQ(after["runs"].size(), 4u);
  EXPECT_EQ(after["runs"][0], before["runs"][0]);
  EXPECT_EQ(after["runs"][1], before["runs"][1]);
  EXPECT_EQ(after["runs"][2]["solver"], "identity");
  EXPECT_THAT(folder.names(), ElementsAre("results.json"));
}

TEST(ResultsFile, OfAnotherFormatIsRefusedAndLeftUntouched) {
  for (const char* text : {R"({"format": "nmperm-solution", "version": 1, "runs": []})",
                           R"({"format": "nmperm-results", "version": 2, "runs": []})",
                           R"({"format": "nmperm-results", "version": 1, "runs": {}})",
                           R"({"format": "nmperm-results", "version": 1})", R"({"runs": [)", "[]", ""}) {
    SCOPED_TRACE(text);
    const TemporaryFolder folder;
    const std::string path = folder.write("other.json", text);
    EXPECT_THAT(refusal_of([&] { require_results_file(path); }), HasSubstr("other.json"));
    EXPECT_THAT(refusal_of([&] { add_to_results_file(path, {}); }), HasSubstr("other.json"));
    EXPECT_EQ(contents(path), text);
    EXPECT_THAT(folder.names(), ElementsAre("other.json"));
  }
}

TEST(ResultsFile, IsRefusedBeforehandWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal_of([&] { require_results_file(folder.path("none/results.json")); }),
              HasSubstr("results.json"));
}

TEST(Machine, IsDescribed) {
  const Machine machine = this_machine();
  EXPECT_FALSE(machine.processor.empty());
  EXPECT_GE(machine.processors, 1);
  EXPECT_EQ(machine.instruction_set, instruction_set());
  EXPECT_FALSE(machine.compiler.empty());
}

}  // namespace
}  // namespace nmperm
