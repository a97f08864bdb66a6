#include "bench/results_file.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bench/machine.h"
#include "bench/run_json.h"
#include "core/instruction_set.h"
#include "solvers/default_solvers.h"
#include "tests/io/file_builders.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::contents;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal_of;
using testing::TemporaryFolder;

std::vector<ComparisonRun> runs_of(const std::string& solver) {
  Comparison comparison;
  comparison.instances = {"random:16x8:1", "random:4x200:2"};
  comparison.presets = {{solver, {}}};
  comparison.threads = 1;
  std::vector<ComparisonRun> runs;
  const Runner runner = [](ComparisonRun& run, const Problem& problem) {
    SolveParameters parameters;
    parameters.seed = run.result.seed;
    parameters.threads = run.result.threads;
    run.result = find_solver(run.preset.solver).solve(problem, parameters);
  };
  run_comparison(comparison, runner, {{}, [&](const ComparisonRun& run) { runs.push_back(run); }});
  return runs;
}

void add_all(const std::string& path, const std::vector<ComparisonRun>& runs) {
  ResultsFile file(path);
  for (const ComparisonRun& run : runs) file.add(run);
}

ComparisonRun failed(ComparisonRun run) {
  run.failure = "ended by signal 9 (Killed)";
  return run;
}

TEST(ResultsFile, IsCreatedAndHoldsEveryFigure) {
  const TemporaryFolder folder;
  const std::string path = folder.path("results.json");
  const auto runs = runs_of("exhaustive");
  add_all(path, runs);
  const json document = json::parse(contents(path));
  EXPECT_EQ(document["format"], "nmperm-results");
  EXPECT_EQ(document["version"], 1);
  ASSERT_EQ(document["runs"].size(), 2u);
  const json& run = document["runs"][0];
  EXPECT_EQ(run["instance"]["name"], "random:16x8:1");
  EXPECT_EQ(run["instance"]["rows"], 16);
  EXPECT_EQ(run["instance"]["columns"], 8);
  EXPECT_EQ(run["instance"]["sha256"], runs[0].sha256);
  EXPECT_EQ(run["pattern"], "2:4");
  EXPECT_EQ(run["segments"], json({8}));
  EXPECT_EQ(run["solver"], "exhaustive");
  EXPECT_EQ(run["time_limit"], 10);
  EXPECT_EQ(run["seed"], 0);
  EXPECT_EQ(run["threads"], 1);
  const Result& result = runs[0].result;
  EXPECT_EQ(run["permutation"], json(result.permutation));
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
  EXPECT_TRUE(run["machine"].contains("load_average"));
  EXPECT_THAT(run["program"].get<std::string>(), ::testing::StartsWith("nmperm "));
  EXPECT_FALSE(run.contains("refusal"));
  EXPECT_FALSE(run.contains("failure"));
}

TEST(ResultsFile, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  const std::string path = folder.path("results.json");
  std::vector<ComparisonRun> runs = runs_of("exhaustive");
  runs.push_back(failed(runs_of("identity")[0]));
  runs[0].preset.options = {{"a", "1"}, {"b", "x"}};
  runs[0].iteration_limit = 12;
  runs[2].time_limit_s = std::nullopt;
  add_all(path, runs);
  const auto read = read_results(path);
  ASSERT_EQ(read.size(), 3u);
  for (std::size_t i = 0; i < read.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(run_json(read[i]), run_json(runs[i]));
    EXPECT_TRUE(same_cell(read[i], runs[i]));
  }
  EXPECT_EQ(read[0].result.permutation, runs[0].result.permutation);
  EXPECT_EQ(read[0].result.magnitude.kept, runs[0].result.magnitude.kept);
  EXPECT_EQ(read[0].result.trace.size(), runs[0].result.trace.size());
  EXPECT_EQ(read[0].preset, runs[0].preset);
  EXPECT_THAT(read[1].refusal, HasSubstr("200 columns"));
  EXPECT_EQ(read[2].failure, "ended by signal 9 (Killed)");
}

TEST(ResultsFile, SaysWhyThereWasNoRun) {
  const TemporaryFolder folder;
  add_all(folder.path("results.json"), runs_of("exhaustive"));
  const json refused = json::parse(contents(folder.path("results.json")))["runs"][1];
  EXPECT_EQ(refused["instance"]["columns"], 200);
  EXPECT_THAT(refused["refusal"].get<std::string>(), HasSubstr("200 columns"));
  EXPECT_FALSE(refused.contains("magnitude"));
}

TEST(ResultsFile, IsAddedToAndLeavesWhatIsThereAsItIs) {
  const TemporaryFolder folder;
  const std::string path = folder.path("results.json");
  add_all(path, runs_of("exhaustive"));
  json before = json::parse(contents(path));
  before["runs"][0]["remark"] = "a field that this program does not know";
  folder.write("results.json", before.dump());
  add_all(path, runs_of("identity"));
  const json after = json::parse(contents(path));
  ASSERT_EQ(after["runs"].size(), 4u);
  EXPECT_EQ(after["runs"][0], before["runs"][0]);
  EXPECT_EQ(after["runs"][1], before["runs"][1]);
  EXPECT_EQ(after["runs"][2]["solver"], "identity");
  EXPECT_THAT(folder.names(), ElementsAre("results.json"));
}

TEST(ResultsFile, KnowsWhichCellsAreDone) {
  const TemporaryFolder folder;
  const auto runs = runs_of("exhaustive");
  ResultsFile file(folder.path("results.json"));
  EXPECT_FALSE(file.has(runs[0]));
  file.add(runs[0]);
  EXPECT_TRUE(file.has(runs[0]));
  EXPECT_FALSE(file.has(runs[1]));
  file.add(runs[1]);
  EXPECT_TRUE(file.has(runs[1])) << "a refusal is an answer";
  ComparisonRun other_seed = runs[0];
  other_seed.result.seed = 1;
  EXPECT_FALSE(file.has(other_seed));
}

TEST(ResultsFile, AFailureMakesWayForTheNextRunOfItsCell) {
  const TemporaryFolder folder;
  const std::string path = folder.path("results.json");
  const ComparisonRun run = runs_of("exhaustive")[0];
  add_all(path, {failed(run), runs_of("identity")[0]});
  ResultsFile file(path);
  EXPECT_FALSE(file.has(run)) << "a failure is run again";
  file.add(run);
  const auto read = read_results(path);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].preset.solver, "identity");
  EXPECT_TRUE(read[1].complete());
}

TEST(ResultsFile, OfAnotherFormatIsRefusedAndLeftUntouched) {
  for (const char* text : {R"({"format": "nmperm-solution", "version": 1, "runs": []})",
                           R"({"format": "nmperm-results", "version": 2, "runs": []})",
                           R"({"format": "nmperm-results", "version": 1, "runs": {}})",
                           R"({"format": "nmperm-results", "version": 1, "runs": [{}]})",
                           R"({"format": "nmperm-results", "version": 1})", R"({"runs": [)", "[]", ""}) {
    SCOPED_TRACE(text);
    const TemporaryFolder folder;
    const std::string path = folder.write("other.json", text);
    EXPECT_THAT(refusal_of([&] { ResultsFile{path}; }), HasSubstr("other.json"));
    EXPECT_THAT(refusal_of([&] { read_results(path); }), HasSubstr("other.json"));
    EXPECT_EQ(contents(path), text);
    EXPECT_THAT(folder.names(), ElementsAre("other.json"));
  }
}

/// One test for each field: without it, or with another value, the file is refused and the place named.
TEST(ResultsFile, FaultsOfARunAreNamed) {
  const TemporaryFolder folder;
  add_all(folder.path("good.json"), {runs_of("exhaustive")[0]});
  const json good = json::parse(contents(folder.path("good.json")));
  const auto refusal = [&](const json& bad) {
    const std::string path = folder.write("bad.json", bad.dump());
    return refusal_of([&] { read_results(path); });
  };
  for (const char* field : {"instance", "pattern", "solver", "magnitude", "options", "seed", "threads",
                            "status", "seconds", "trace", "program", "machine"}) {
    json bad = good;
    bad["runs"][0].erase(field);
    EXPECT_THAT(refusal(bad), AllOf(HasSubstr("runs[0]"), HasSubstr(field)));
  }
  const std::vector<std::pair<std::string, json>> wrong = {
      {"/runs/0/instance/name", 5},        {"/runs/0/instance/rows", 0},
      {"/runs/0/instance/sha256", "abc"},  {"/runs/0/pattern", "4:4"},
      {"/runs/0/segments", {7}},           {"/runs/0/permutation", {0, 0}},
      {"/runs/0/magnitude/kept", "many"},  {"/runs/0/gap", -1},
      {"/runs/0/status", "great"},         {"/runs/0/trace/0/kept", nullptr},
      {"/runs/0/time_limit", "long"},      {"/runs/0/seed", -1},
      {"/runs/0/machine/processors", 0.5}, {"/runs/0/date", 2026},
      {"/runs/0/bound/kept", true}};
  for (const auto& [place, value] : wrong) {
    SCOPED_TRACE(place);
    json bad = good;
    bad[json::json_pointer(place)] = value;
    EXPECT_THAT(refusal(bad), HasSubstr("runs[0]"));
  }
}

TEST(ResultsFile, CutShortIsRefusedWhereverItWasCut) {
  const TemporaryFolder folder;
  add_all(folder.path("good.json"), {runs_of("exhaustive")[0]});
  const std::string good = contents(folder.path("good.json"));
  for (std::size_t length = 0; length + 2 < good.size(); length += 97) {
    const std::string path = folder.write("cut.json", good.substr(0, length));
    EXPECT_THAT(refusal_of([&] { read_results(path); }), HasSubstr("cut.json")) << length;
  }
}

TEST(ResultsFile, IsRefusedBeforehandWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal_of([&] { ResultsFile{folder.path("none/results.json")}; }), HasSubstr("results.json"));
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
