// `apply` and `info` of folders with checkpoints.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/checkpoints/checkpoint_builder.h"
#include "tests/checkpoints/reference_model.h"
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using nmperm::testing::BuiltCheckpoint;
using nmperm::testing::read_checkpoint;
using nmperm::testing::run_model;
using nmperm::testing::tiny_llama;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CliCheckpoint : public Cli {
 protected:
  CliCheckpoint() { tiny_llama().write(in_, "BF16", 2); }

  std::vector<std::string> apply(std::vector<std::string> more) const {
    std::vector<std::string> all = {"apply", in_,        "--output",    out_, "--iteration-limit",
                                    "20",    "--solver", "channel-swap"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  std::string in_ = path("model"), out_ = path("out"), state_ = path("out.nmperm-state.json");
};

TEST_F(CliCheckpoint, ApplyReportsWhatItDid) {
  const std::string text = expect_done(apply({"--report", path("r.json")}));
  EXPECT_THAT(text, HasSubstr("61440 of 61440 prunable elements"));
  EXPECT_THAT(text, HasSubstr("every tensor equal bit for bit"));
  EXPECT_FALSE(exists(state_));
  const json report = read_json(path("r.json"));
  EXPECT_EQ(report["format"], "nmperm-network-report");
  EXPECT_EQ(report["version"], 1);
  EXPECT_EQ(report["model"], "model");
  EXPECT_EQ(report["coverage"], json({{"prunable_elements", 61440}, {"free_elements", 61440}}));
  ASSERT_EQ(report["sets"].size(), 5U);
  for (const json& set : report["sets"]) {
    for (const char* field : {"name", "channels", "segments", "producers", "consumers", "followers",
                              "magnitude", "efficacy", "bound", "gap", "solver", "seconds", "permutation"}) {
      EXPECT_TRUE(set.contains(field)) << field;
    }
    EXPECT_EQ(set["permutation"].size(), set["channels"]);
  }
  EXPECT_EQ(report["sets"][0]["followers"].size(), 7U);  // embedding, head, two norms in each block, the last
  EXPECT_EQ(report["sets"][2]["segments"], json({16, 16}));
  EXPECT_EQ(report["skipped"][0]["tensor"], "lm_head.weight");
  EXPECT_EQ(report["equivalence"]["structural"], true);
  EXPECT_TRUE(report["equivalence"]["engine"].is_null());
  EXPECT_EQ(report["sparse_gemm"], json::array());
  EXPECT_GT(report["magnitude"]["kept"], report["magnitude"]["default"]);
}

TEST_F(CliCheckpoint, TheWrittenModelComputesTheSame) {
  expect_done(apply({"--quiet"}));
  const std::vector<int> tokens = {1, 2, 3, 39};
  const BuiltCheckpoint before = read_checkpoint(in_), after = read_checkpoint(out_);
  EXPECT_NE(before.tensors.at("lm_head.weight").values, after.tensors.at("lm_head.weight").values);
  const std::vector<double> x = run_model(before, tokens), y = run_model(after, tokens);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], y[i], 1e-12);
}

TEST_F(CliCheckpoint, PruningIsReportedAndTheSameForAnyNumberOfThreads) {
  expect_done(apply({"--prune", "--threads", "1", "--report", path("r.json")}));
  EXPECT_EQ(read_json(path("r.json"))["sparse_gemm"].size(), 14U);
  const std::string shard = "/model-00001-of-00002.safetensors", first = read_file(out_ + shard);
  std::filesystem::remove_all(out_);
  expect_done(apply({"--prune", "--threads", "4"}));
  EXPECT_TRUE(read_file(out_ + shard) == first);
}

TEST_F(CliCheckpoint, CriteriaHaveStatisticsForEveryLayer) {
  BuiltCheckpoint statistics;  // a file of norms; the first half of the channels of every set is active
  for (const auto& [name, tensor] : tiny_llama().tensors) {
    if (tensor.shape.size() != 2 || name.find("layers") == std::string::npos) continue;
    const int inputs = tensor.shape[1], segment = name.find("o_proj") == std::string::npos ? inputs : 16;
    std::vector<float> norms;
    for (int c = 0; c < inputs; ++c) norms.push_back(c % segment < segment / 2 ? 1e4f : 1e-2f);
    statistics.tensors[name + ".norm"] = {{inputs}, norms};
  }
  statistics.write(path("norms"));
  const std::vector<std::string> wanda = {
      "--criterion", "wanda",    "--statistics", path("norms/model.safetensors"),
      "--prune",     "--report", path("r.json")};
  expect_done(apply(wanda));
  const json magnitude = read_json(path("r.json"))["magnitude"];
  EXPECT_GT(magnitude["kept"], 0.999 * magnitude["total"].get<double>());
  EXPECT_LT(magnitude["default"], 0.9 * magnitude["total"].get<double>());
  statistics.tensors.erase("model.layers.1.mlp.up_proj.weight.norm");
  statistics.write(path("norms"));
  std::filesystem::remove_all(out_);
  expect_error(apply({"--criterion", "wanda", "--statistics", path("norms/model.safetensors"), "--quiet"}), 2,
               {"model.layers.1.mlp.up_proj.weight.norm"});
  EXPECT_FALSE(exists(out_));
}

TEST_F(CliCheckpoint, VerifyFollowsTheRecordAndUndoRestoresEveryByte) {
  expect_done(apply({"--quiet"}));
  EXPECT_THAT(
      expect_done({"verify", in_, out_ + "/"}),
      AllOf(HasSubstr("equal bit for bit under the recorded permutations"), HasSubstr("are not run")));
  const std::string back = path("back");
  EXPECT_THAT(expect_done({"apply", out_, "--undo", "--output", back}), HasSubstr("inverse permutations"));
  for (const char* name : {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                           "config.json", "tokenizer.json", "model.safetensors.index.json"}) {
    EXPECT_TRUE(read_file(back + "/" + name) == read_file(in_ + "/" + name)) << name;
  }
  EXPECT_FALSE(exists(back + "/nmperm.json"));
  expect_error({"apply", out_, "--undo", "--output", back}, 2, {"exists already"});
  expect_error({"apply", out_, "--undo", "--output", out_}, 2, {"in the checkpoint itself"});
}

TEST_F(CliCheckpoint, VerifyCallsAPrunedOrChangedCheckpointAnother) {
  expect_done(apply({"--quiet", "--prune"}));
  Output output = run_nmperm({"verify", in_, out_});
  EXPECT_EQ(output.exit_code, 4) << output.err;
  EXPECT_THAT(output.out, HasSubstr("equal but for recorded zeros"));
  EXPECT_THAT(output.err, HasSubstr("is pruned"));
  const std::string shard = out_ + "/model-00002-of-00002.safetensors";
  std::string bytes = read_file(shard);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(shard, std::ios::binary) << bytes;
  output = run_nmperm({"verify", in_, out_});
  EXPECT_EQ(output.exit_code, 4) << output.err;
  EXPECT_THAT(output.out, HasSubstr("differs: tensor"));
}

TEST_F(CliCheckpoint, InfoListsSetsAndWhatStays) {
  const std::string text = expect_done({"info", in_});
  EXPECT_THAT(text,
              AllOf(HasSubstr("type llama, 2 layers of 64 channels, 4 query and 2 value heads, 2 shards"),
                    HasSubstr("5 permutable sets"), HasSubstr("32 channels in 2 segments"),
                    HasSubstr("lm_head.weight: it is outside of the blocks")));
  const json info = json::parse(expect_done({"info", in_, "--json"}));
  EXPECT_EQ(info["format"], "nmperm-network-info");
  EXPECT_EQ(info["sets"].size(), 5U);
  expect_error({"info", in_, "--dot", path("x.dot")}, 2, {"--dot", "an ONNX file"});
}

TEST_F(CliCheckpoint, AnInterruptedRunWritesWhatItHasAndGoesOn) {
  // Sets of a few rows each would end by themselves: annealing goes on until its share of the time is used.
  const std::vector<std::string> slow = {"apply", in_,         "--output", out_,       "--time-limit",
                                         "600",   "--threads", "1",        "--solver", "annealing"};
  Process process(nmperm_command(slow));
  // The first set has most of the time: one line of progress would come too late.
  ASSERT_TRUE(
      process.wait_for_error_text([&](const std::string& text) { return text.find("sets") != text.npos; }));
  process.signal(SIGINT);
  const Output output = process.finish();
  EXPECT_EQ(output.exit_code, 130) << output.err;
  EXPECT_TRUE(exists(out_ + "/config.json"));
  EXPECT_EQ(read_json(state_)["written"], true);
  expect_error(apply({}), 2, {"out.nmperm-state.json", "other options"});
  std::vector<std::string> rest = slow;
  rest[5] = "0.2";
  expect_done(rest);
  EXPECT_FALSE(exists(state_));
}

TEST_F(CliCheckpoint, AStateOfAnotherModelIsNotUsed) {
  expect_done(apply({"--quiet"}));
  json state = {{"format", "nmperm-checkpoint-state"},
                {"version", 1},
                {"inputs", std::string(64, 'a')},
                {"settings", "{}"},
                {"seconds", 0},
                {"written", false},
                {"sets", json::array()}};
  write("out.nmperm-state.json", state.dump());
  expect_error(apply({}), 2, {"out.nmperm-state.json", "another model"});
}

TEST_F(CliCheckpoint, BadInputIsRefusedAndNothingWritten) {
  const int files = count_files();
  expect_error(apply({"--undo"}), 2, {"holds no permutations to undo", "nmperm.json"});
  expect_error(apply({"--undo", "--prune"}), 2, {"--prune", "--undo"});
  expect_error(apply({"--undo", "--report", path("r.json")}), 2, {"--report", "--undo"});
  expect_error({"verify", in_, path("none")}, 2, {"two folders"});
  expect_error({"verify", in_, in_, "--inputs", "2"}, 2, {"--inputs", "an ONNX file"});
  expect_error(apply({"--inputs", "2"}), 2, {"--inputs", "an ONNX file"});
  expect_error(apply({"--memory-limit", "0"}), 2, {"--memory-limit"});
  expect_error(apply({"--criterion", "wanda"}), 2, {"--statistics"});
  expect_error({"apply", path("none"), "--output", out_}, 2, {"none"});
  expect_error({"apply", in_, "--output", in_}, 2, {"in the checkpoint itself"});
  expect_error({"apply", path("net.onnx"), "--output", path("o.onnx"), "--memory-limit", "5"}, 2,
               {"--memory-limit", "a folder"});
  EXPECT_EQ(count_files(), files);
  expect_done(apply({"--quiet"}));
  expect_error(apply({}), 2, {"exists already"});
  expect_error({"apply", out_, "--output", path("twice"), "--time-limit", "0"}, 2, {"permuted already"});
  std::filesystem::remove(in_ + "/model-00001-of-00002.safetensors");
  expect_error({"apply", in_, "--output", path("other")}, 2,
               {"model-00001-of-00002.safetensors", "is missing"});
  expect_error({"info", in_}, 2, {"model-00001-of-00002.safetensors", "is missing"});
  EXPECT_EQ(count_files(), files + 1);
}

}  // namespace
}  // namespace nmperm::test
