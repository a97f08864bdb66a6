// `apply`, `verify`, and `info` of whole networks.
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/cli/cli_fixture.h"
#include "tests/network/model_builder.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using nmperm::testing::ModelBuilder;
using ::testing::HasSubstr;
using ::testing::Not;

/// A network of four convolutions with a concat, in a file.
class CliNetwork : public Cli {
 protected:
  CliNetwork() {
    ModelBuilder net;
    net.input("image", {1, 3, 4, 4});
    net.node("Conv", {"image", net.weight("stem.a", {16, 3, 1, 1})}, "a");
    net.node("Conv", {"image", net.weight("stem.b", {16, 3, 1, 1})}, "b");
    net.node("Concat", {"a", "b"}, "cat", {{"axis", std::int64_t{1}}});
    net.node("Conv", {"cat", net.weight("body", {32, 32, 1, 1})}, "c");
    net.output(net.node("Conv", {"c", net.weight("head", {8, 32, 3, 3})}, "d"));
    model_ = write("net.onnx", net.bytes());
  }

  std::vector<std::string> apply(std::vector<std::string> more) const {
    std::vector<std::string> all = {"apply", model_,     "--output",    path("out.onnx"), "--iteration-limit",
                                    "20",    "--solver", "channel-swap"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  std::string model_;
};

/// Without ONNX Runtime, as on a machine that has none.
class CliNetworkWithoutEngine : public CliNetwork {
 protected:
  CliNetworkWithoutEngine() {
    if (const char* const named = std::getenv("NMPERM_ONNXRUNTIME")) named_ = named;
    setenv("NMPERM_ONNXRUNTIME", "none", 1);
  }
  ~CliNetworkWithoutEngine() override {
    if (named_) {
      setenv("NMPERM_ONNXRUNTIME", named_->c_str(), 1);
    } else {
      unsetenv("NMPERM_ONNXRUNTIME");
    }
  }

 private:
  std::optional<std::string> named_;
};

TEST_F(CliNetworkWithoutEngine, ApplyReportsEveryFieldOfTheContract) {
  const std::string text = expect_done(apply({"--report", path("r.json")}));
  EXPECT_THAT(text, HasSubstr("output channels divisible by 8, input channels per group by 16"));
  EXPECT_THAT(text, HasSubstr("every tensor equal bit for bit"));
  const json report = read_json(path("r.json"));
  EXPECT_EQ(report["format"], "nmperm-network-report");
  EXPECT_EQ(report["version"], 1);
  EXPECT_EQ(report["model"], "net.onnx");
  EXPECT_EQ(report["pattern"], "2:4");
  EXPECT_EQ(report["coverage"]["prunable_elements"], 32 * 32 + 8 * 32 * 9);
  EXPECT_EQ(report["coverage"]["free_elements"], 32 * 32 + 8 * 32 * 9);
  EXPECT_GT(report["magnitude"]["kept"], report["magnitude"]["default"]);
  EXPECT_GT(report["efficacy"], 0);
  ASSERT_EQ(report["sets"].size(), 3U);
  const json set = report["sets"][0];
  EXPECT_EQ(set["name"], "body");
  EXPECT_EQ(set["channels"], 32);
  EXPECT_EQ(set["segments"], json({32}));
  EXPECT_EQ(set["producers"], json({{{"tensor", "body"}, {"axis", 0}}}));
  EXPECT_EQ(set["consumers"], json({{{"tensor", "head"}, {"axis", 1}}}));
  EXPECT_EQ(set["permutation"].size(), 32U);
  EXPECT_EQ(set["solver"], "channel-swap");
  for (const char* field : {"magnitude", "efficacy", "bound", "gap", "seconds"})
    EXPECT_TRUE(set.contains(field)) << field;
  EXPECT_EQ(report["skipped"][0]["tensor"], "stem.a");
  EXPECT_EQ(report["skipped"][0]["reason"], "its 3 input channels are not divisible by 16");
  EXPECT_EQ(report["equivalence"]["structural"], true);
  for (const char* field : {"engine", "max_abs_difference", "max_abs_output", "max_abs_rounding"}) {
    EXPECT_TRUE(report["equivalence"][field].is_null()) << field;
  }
  EXPECT_EQ(report["sparse_gemm"], json::array());
}

TEST_F(CliNetworkWithoutEngine, ApplyIsVerifiedAndUndone) {
  expect_done(apply({"--quiet"}));
  EXPECT_NE(read_file(path("out.onnx")), read_file(model_));
  EXPECT_THAT(expect_done({"verify", model_, path("out.onnx")}), HasSubstr("equal bit for bit"));
  expect_done({"apply", path("out.onnx"), "--undo", "--output", path("back.onnx")});
  EXPECT_TRUE(read_file(path("back.onnx")) == read_file(model_));
}

TEST_F(CliNetworkWithoutEngine, WholeGroupsTradePlacesAreListedAndUndone) {
  ModelBuilder net;
  net.input("image", {1, 3, 4, 4});
  net.node("Conv", {"image", net.weight("stem", {32, 3, 1, 1})}, "a");
  net.node("Conv", {"a", net.weight("grouped", {32, 2, 3, 3})}, "b",
           {{"group", std::int64_t{16}}, {"pads", std::vector<std::int64_t>(4, 1)}});
  net.output(net.node("Conv", {"b", net.weight("head", {8, 32, 1, 1})}, "c"));
  model_ = write("groups.onnx", net.bytes());
  EXPECT_THAT(expect_done({"info", model_}),
              HasSubstr("  grouped: 16 groups, which share groups of columns\n"
                        "    producers grouped[0] stem[0]\n    consumers head[1]\n"));
  EXPECT_THAT(expect_done(apply({"--report", path("r.json")})),
              HasSubstr("1 sets dealt to groups of columns"));
  const json set = read_json(path("r.json"))["group_sets"][0];
  EXPECT_EQ(set["groups"], 16);
  EXPECT_EQ(set["permutation"].size(), 16U);
  EXPECT_GT(set["magnitude"]["kept"], set["magnitude"]["default"]);
  EXPECT_THAT(expect_done({"verify", model_, path("out.onnx")}), HasSubstr("equal bit for bit"));
  expect_done({"apply", path("out.onnx"), "--undo", "--output", path("back.onnx")});
  EXPECT_TRUE(read_file(path("back.onnx")) == read_file(model_));
}

TEST_F(CliNetworkWithoutEngine, APrunedNetworkIsAnotherFunction) {
  expect_done(apply({"--prune", "--report", path("r.json"), "--quiet"}));
  const json report = read_json(path("r.json"));
  ASSERT_EQ(report["sparse_gemm"].size(), 2U);
  for (const json& product : report["sparse_gemm"]) EXPECT_LT(product["max_relative_error"], 1e-6);
  const Output output = run_nmperm({"verify", model_, path("out.onnx")});
  EXPECT_EQ(output.exit_code, 4);
  EXPECT_THAT(output.out, HasSubstr("equal but for recorded zeros"));
  EXPECT_EQ(split(output.err).size(), 1U) << output.err;
}

TEST_F(CliNetworkWithoutEngine, NamesDecideWhatIsPruned) {
  expect_done(apply({"--prune", "--exclude", "^head$", "--report", path("r.json")}));
  const json report = read_json(path("r.json"));
  EXPECT_EQ(report["sparse_gemm"].size(), 1U);
  EXPECT_EQ(report["skipped"].back()["reason"], "--exclude names it");
}

TEST_F(CliNetworkWithoutEngine, TheSameSeedWritesTheSameNetworkWithAnyNumberOfThreads) {
  expect_done(apply({"--threads", "1"}));
  const std::string first = read_file(path("out.onnx"));
  expect_done(apply({"--threads", "4"}));
  EXPECT_TRUE(read_file(path("out.onnx")) == first);
}

TEST_F(CliNetworkWithoutEngine, VerifyTellsNetworksApart) {
  ModelBuilder other(17, 2);
  other.input("image", {1, 3, 4, 4});
  other.output(other.node("Conv", {"image", other.weight("stem.a", {16, 3, 1, 1})}, "a"));
  const Output output = run_nmperm({"verify", model_, write("other.onnx", other.bytes())});
  EXPECT_EQ(output.exit_code, 4);
  EXPECT_THAT(output.err, HasSubstr("outside of their weights"));
}

TEST_F(CliNetworkWithoutEngine, BadInputIsRefusedAndNothingWritten) {
  const int files = count_files();
  const std::string out = path("out.onnx");
  expect_error({"apply", path("none.onnx"), "--output", out}, 2, {"none.onnx"});
  expect_error({"apply", model_, "--output", model_}, 2, {"the model itself would be overwritten"});
  expect_error({"apply", model_, "--output", out, "--rule", "8"}, 2, {"--rule", "outputs=8,inputs=16"});
  expect_error({"apply", model_, "--output", out, "--include", "("}, 2, {"--include", "regular expression"});
  expect_error({"apply", model_, "--output", out, "--solver", "anealing"}, 2, {"did you mean annealing"});
  expect_error({"apply", model_, "--output", out, "--pattern", "4:4"}, 2, {"4:4"});
  expect_error({"apply", model_, "--output", out, "--undo"}, 2, {"no permutations to undo"});
  expect_error({"apply", model_}, 2, {"--output"});
  EXPECT_EQ(count_files(), files);
  const std::string cut = write("cut.onnx", read_file(model_).substr(0, 3000));
  for (const char* command : {"apply", "info"}) {
    std::vector<std::string> arguments = {command, cut};
    if (std::string(command) == "apply") arguments.insert(arguments.end(), {"--output", out});
    expect_error(arguments, 2, {"cut.onnx", "an ONNX model"});
  }
  EXPECT_FALSE(exists(out));
}

TEST_F(CliNetworkWithoutEngine, APermutedNetworkIsNotPermutedAgain) {
  expect_done(apply({}));
  expect_error({"apply", path("out.onnx"), "--output", path("twice.onnx"), "--time-limit", "0", "--quiet"}, 2,
               {"permuted already"});
}

TEST_F(CliNetwork, ApplyComparesOutputsWhereOnnxRuntimeIsInstalled) {
  expect_done(apply({"--report", path("r.json")}));
  const json proof = read_json(path("r.json"))["equivalence"];
  // Where the tests were told where it is, it has to be found.
  const char* const named = std::getenv("NMPERM_ONNXRUNTIME");
  const bool is_installed = named != nullptr && std::filesystem::exists(std::filesystem::path(named) /
                                                                        "node_modules/onnxruntime-node");
  if (proof["engine"].is_null() && !is_installed) GTEST_SKIP() << "there is no ONNX Runtime";
  ASSERT_FALSE(proof["engine"].is_null());
  EXPECT_THAT(proof["engine"], HasSubstr("onnxruntime"));
  EXPECT_EQ(proof["inputs"], 3);
  EXPECT_LT(proof["max_abs_difference"], 1e-5 * proof["max_abs_output"].get<double>());
  EXPECT_THAT(expect_done({"verify", model_, path("out.onnx"), "--inputs", "1"}),
              HasSubstr("largest difference"));
}

TEST_F(CliNetwork, WithoutInputsOutputsAreNotCompared) {
  EXPECT_THAT(expect_done(apply({"--inputs", "0", "--report", path("r.json")})),
              HasSubstr("not compared: --inputs 0"));
  EXPECT_TRUE(read_json(path("r.json"))["equivalence"]["engine"].is_null());
  EXPECT_EQ(read_json(path("r.json"))["equivalence"]["structural"], true);
}

TEST_F(CliNetwork, ANetworkThatOnnxRuntimeDoesNotKnowIsPermutedAllTheSame) {
  ModelBuilder net;
  net.input("image", {1, 3, 4, 4});
  net.node("Conv", {"image", net.weight("a", {32, 3, 1, 1})}, "c1");
  net.node("Conv", {"c1", net.weight("b", {8, 32, 1, 1})}, "c2");
  net.output(net.node("SomethingOfOurOwn", {"c2"}, "y"));
  const std::string model = write("own.onnx", net.bytes());
  expect_done({"apply", model, "--output", path("out.onnx"), "--iteration-limit", "20", "--report",
               path("r.json"), "--quiet"});
  const json report = read_json(path("r.json"));
  EXPECT_EQ(report["equivalence"]["structural"], true);
  EXPECT_TRUE(report["equivalence"]["engine"].is_null());
  EXPECT_EQ(report["coverage"]["free_elements"], 256);
}

TEST_F(CliNetwork, InfoListsSetsAndReasonsAndDrawsTheGraph) {
  const std::string text = expect_done({"info", model_, "--dot", path("net.dot")});
  EXPECT_THAT(text, HasSubstr("3328 of 3328 prunable elements may move (100.0 %)"));
  EXPECT_THAT(
      text, HasSubstr("body: 32 channels, 32 in whole groups\n    producers body[0]\n    consumers head[1]"));
  EXPECT_THAT(text, HasSubstr("stem.a: its 3 input channels are not divisible by 16"));
  const std::string dot = read_file(path("net.dot"));
  EXPECT_THAT(dot, ::testing::StartsWith("digraph"));
  EXPECT_THAT(dot, HasSubstr("Concat cat"));
  const json j = json::parse(expect_done({"info", model_, "--json"}));
  EXPECT_EQ(j["format"], "nmperm-network-info");
  EXPECT_EQ(j["sets"].size(), 3U);
  expect_error({"info", "random:8x8:1", "--dot", path("x.dot")}, 2, {"--dot", "an ONNX file"});
}

TEST_F(CliNetwork, AnInitializerIsAnInstance) {
  const std::string text = expect_done({"info", model_ + ":head"});
  EXPECT_THAT(text, HasSubstr("72 rows x 32 columns"));
  expect_error({"info", model_ + ":hed"}, 2, {"initializer 'hed'", "head"});
  expect_error({"solve", model_}, 2, {"no initializer is named", "body"});
}

}  // namespace
}  // namespace nmperm::test
