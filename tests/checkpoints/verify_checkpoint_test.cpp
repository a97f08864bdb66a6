// Comparing checkpoints, taking permutations back, and the record that both read.
#include "checkpoints/verify_checkpoint.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoints/write_checkpoint.h"
#include "tests/checkpoints/checkpoint_builder.h"
#include "tests/checkpoints/random_orders.h"
#include "tests/io/file_builders.h"
#include "tests/support/refusal.h"

namespace nmperm::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::atomic<bool> kGoOn = false;

/// A checkpoint "in", and others that are made of it.
class VerifyCheckpoints : public ::testing::Test {
 protected:
  CheckpointFiles open(const std::string& name) const { return CheckpointFiles::open(folder_.path(name)); }

  void write(const BuiltCheckpoint& model, const std::string& name = "in", int shards = 1) {
    model.write(folder_.path(name), "BF16", shards);
  }
  void permute(const std::string& name, std::uint64_t seed, bool prune = false, const Pattern& pattern = {},
               const PruningRule& rule = {}, const Scoring& scoring = {}) {
    const CheckpointFiles files = open("in");
    const CheckpointPlan plan = plan_checkpoint(files, pattern, rule);
    write_checkpoint(files, plan, random_orders(plan, seed), scoring, {folder_.path(name), prune, false});
  }
  StructuralProof compare(const std::string& a, const std::string& b) const {
    return compare_checkpoints(open(a), open(b));
  }
  void expect_same(const std::string& a, const std::string& b) const {
    const StructuralProof proof = compare(a, b);
    EXPECT_TRUE(proof.equal) << proof.difference;
    EXPECT_FALSE(proof.pruned);
  }
  void expect_pruned(const std::string& a, const std::string& b) const {
    const StructuralProof proof = compare(a, b);
    EXPECT_TRUE(proof.equal) << proof.difference;
    EXPECT_TRUE(proof.pruned);
  }
  std::string difference(const std::string& a, const std::string& b) const {
    const StructuralProof proof = compare(a, b);
    EXPECT_FALSE(proof.equal);
    return proof.difference;
  }
  /// Changes one stored value of a tensor.
  void change(const std::string& name, const std::string& tensor, std::size_t element, std::uint16_t bits) {
    const std::string path = name + "/model.safetensors";
    std::string bytes = contents(folder_.path(path));
    const CheckpointFiles files = open(name);
    std::size_t at = files.preamble(0).size();
    for (const CheckpointTensor& stored : files.tensors()) {
      if (stored.name == tensor) break;
      at += files.bytes(stored).size();
    }
    bytes[at + 2 * element] = static_cast<char>(bits & 0xff);
    bytes[at + 2 * element + 1] = static_cast<char>(bits >> 8);
    folder_.write(path, bytes);
  }
  void edit_record(const std::string& name, const std::function<void(nlohmann::json&)>& edit) {
    const std::string path = name + "/" + kCheckpointRecord;
    nlohmann::json record = nlohmann::json::parse(contents(folder_.path(path)));
    edit(record);
    folder_.write(path, record.dump());
  }

  TemporaryFolder folder_;
};

class VerifyEveryArchitecture : public VerifyCheckpoints,
                                public ::testing::WithParamInterface<const char*> {};

TEST_P(VerifyEveryArchitecture, PermutedOnesAreTheSameAndUndoRestoresThem) {
  write(tiny_checkpoint(GetParam()), "in", 3);
  permute("p", 1);
  permute("q", 2);
  expect_same("in", "in");
  expect_same("in", "p");
  expect_same("p", "in");
  expect_same("p", "q");  // from one order to another
  EXPECT_TRUE(undo_checkpoint(open("p"), folder_.path("back"), kGoOn));
  const CheckpointFiles files = open("in");
  for (const std::string& shard : files.shards()) {
    EXPECT_EQ(contents(folder_.path("back/" + shard)), contents(folder_.path("in/" + shard)));
  }
  EXPECT_FALSE(read_record(open("back")).has_value());
  expect_same("back", "q");
}

TEST_P(VerifyEveryArchitecture, PrunedOnesDifferInRecordedZerosAlone) {
  write(tiny_checkpoint(GetParam()));
  permute("p", 1, true);
  permute("q", 2);
  expect_pruned("in", "p");
  expect_pruned("p", "in");
  expect_pruned("q", "p");  // where both were moved
  expect_same("p", "p");
  EXPECT_TRUE(undo_checkpoint(open("p"), folder_.path("back"), kGoOn));  // the zeros stay
  expect_same("p", "back");
  EXPECT_THAT(difference("in", "back"), HasSubstr("tensor '"))
      << "of zeros without a record nothing is known";
}

INSTANTIATE_TEST_SUITE_P(Types, VerifyEveryArchitecture,
                         ::testing::Values("llama", "mistral", "qwen2", "gpt2", "opt", "bert"),
                         [](const auto& type) { return std::string(type.param); });

TEST_F(VerifyCheckpoints, ShardsDoNotMatter) {
  write(tiny_llama());
  permute("p", 1);
  write(tiny_llama(), "sharded", 3);
  expect_same("sharded", "p");
  expect_same("p", "sharded");
}

TEST_F(VerifyCheckpoints, PatternsAndRulesDecideWhichSetsWereMade) {
  write(tiny_llama());
  permute("p", 1, false, {1, 32});  // heads of 16 channels stay
  permute("q", 2, true, {2, 4}, PruningRule("", "down_proj", ""));
  expect_same("in", "p");
  expect_pruned("p", "q");
  EXPECT_TRUE(undo_checkpoint(open("q"), folder_.path("back"), kGoOn));
  EXPECT_TRUE(undo_checkpoint(open("p"), folder_.path("other"), kGoOn));
  expect_same("in", "other");
}

TEST_F(VerifyCheckpoints, OneChangedValueIsFound) {
  write(tiny_llama());
  permute("p", 1);
  permute("z", 1, true);
  for (const char* tensor : {"model.embed_tokens.weight", "model.layers.1.mlp.down_proj.weight",
                             "model.layers.0.input_layernorm.weight", "lm_head.weight"}) {
    const std::string bytes = contents(folder_.path("p/model.safetensors"));
    change("p", tensor, 5, 0x4242);
    EXPECT_THAT(difference("in", "p"), HasSubstr(tensor));
    EXPECT_THAT(difference("p", "in"), HasSubstr(tensor));
    folder_.write("p/model.safetensors", bytes);
  }
  change("z", "model.layers.1.mlp.down_proj.weight", 5, 0x4242);
  EXPECT_THAT(difference("in", "z"), HasSubstr("down_proj"));
}

TEST_F(VerifyCheckpoints, ZerosOfAnotherCriterionMustObeyThePattern) {
  write(tiny_llama());
  permute("p", 1, true, {}, {}, Scoring(Criterion("squared"), std::string()));
  expect_pruned("in", "p");
  expect_pruned("p", "in");
  const std::string tensor = "model.layers.1.mlp.down_proj.weight",
                    kept = contents(folder_.path("p/model.safetensors"));
  const BuiltCheckpoint pruned = read_checkpoint(folder_.path("p"));
  const std::vector<float>& values = pruned.tensors.at(tensor).values;
  const auto first_kept =
      std::find_if(values.begin(), values.end(), [](float value) { return value != 0; }) - values.begin();
  const auto first_zero = std::find(values.begin(), values.end(), 0.0f) - values.begin();
  change("p", tensor, static_cast<std::size_t>(first_kept), 0x0000);  // one zero too many
  EXPECT_THAT(difference("in", "p"), HasSubstr("down_proj"));
  folder_.write("p/model.safetensors", kept);
  change("p", tensor, static_cast<std::size_t>(first_zero), 0x3f80);  // one too few
  EXPECT_THAT(difference("in", "p"), HasSubstr("down_proj"));
}

TEST_F(VerifyCheckpoints, OtherContentsDiffer) {
  BuiltCheckpoint model = tiny_llama();
  write(model);
  BuiltCheckpoint other = model;
  other.config["rms_norm_eps"] = 0.1;
  write(other, "config");
  EXPECT_THAT(difference("in", "config"), HasSubstr("config.json"));
  other = model;
  other.add("model.layers.1.mlp.adapter.weight", {8, 96});
  write(other, "more");
  EXPECT_THAT(difference("in", "more"), HasSubstr("adapter"));
  EXPECT_THAT(difference("more", "in"), HasSubstr("adapter"));
  model.write(folder_.path("type"), "F32");
  EXPECT_THAT(difference("in", "type"), HasSubstr("another type or shape"));
}

TEST_F(VerifyCheckpoints, WithoutRecordsAnyArchitectureIsCompared) {
  BuiltCheckpoint model;
  model.config = {{"model_type", "rwkv"}};
  model.add("blocks.0.att.key.weight", {4, 4});
  write(model);
  write(model, "copy");
  expect_same("in", "copy");
  change("copy", "blocks.0.att.key.weight", 3, 0x4242);
  EXPECT_THAT(difference("in", "copy"), HasSubstr("blocks.0.att.key.weight"));
}

TEST_F(VerifyCheckpoints, AnInterruptedUndoWritesNothing) {
  write(tiny_llama());
  permute("p", 1);
  const std::atomic<bool> interrupt = true;
  EXPECT_FALSE(undo_checkpoint(open("p"), folder_.path("back"), interrupt));
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"in", "p"}));
}

TEST_F(VerifyCheckpoints, RecordsThatDoNotFitAreRefused) {
  write(tiny_llama());
  permute("p", 1, true);
  const std::string good = contents(folder_.path("p/nmperm.json"));
  const auto refused = [&](const std::function<void(nlohmann::json&)>& edit) {
    edit_record("p", edit);
    const std::string why = refusal_of([&] { undo_checkpoint(open("p"), folder_.path("back"), kGoOn); });
    EXPECT_EQ(refusal_of([&] { compare("in", "p"); }), why);
    folder_.write("p/nmperm.json", good);
    return why;
  };
  using nlohmann::json;
  EXPECT_THAT(refused([](json& record) { record["format"] = "x"; }), HasSubstr("format"));
  EXPECT_THAT(refused([](json& record) { record["pattern"] = "4:2"; }), HasSubstr("pattern"));
  EXPECT_THAT(refused([](json& record) { record.erase("sets"); }), HasSubstr("sets"));
  EXPECT_THAT(refused([](json& record) { record["sets"][0]["name"] = "x"; }),
              AllOf(HasSubstr("nmperm.json"), HasSubstr("'x'")));
  EXPECT_THAT(refused([](json& record) { record["sets"][1] = record["sets"][0]; }), HasSubstr("twice"));
  EXPECT_THAT(refused([](json& record) { record["sets"][0]["permutation"][0] = 64; }), HasSubstr("set "));
  EXPECT_THAT(refused([](json& record) { record["sets"][0]["permutation"].erase(0); }), HasSubstr("set "));
  EXPECT_THAT(refused([](json& record) { record["tensors"][0]["set"] = 9; }), HasSubstr("tensors[0].set"));
  EXPECT_THAT(refused([](json& record) { record["tensors"][0]["axis"] = 0; }), HasSubstr("what cannot be"));
  EXPECT_THAT(refused([](json& record) { record["tensors"].erase(2); }), HasSubstr("what cannot be"));
  EXPECT_THAT(refused([](json& record) { record["pruned"][0]["tensor"] = "lm_head.weight"; }),
              HasSubstr("lm_head.weight"));
  EXPECT_THAT(refused([](json& record) { record["pruned"][0]["axis"] = 0; }), HasSubstr("has no such axis"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("back")));
}

TEST_F(VerifyCheckpoints, ARecordIsWrittenAsItIsRead) {
  write(tiny_gpt2());
  permute("p", 1, true);
  const std::string text = contents(folder_.path("p/nmperm.json"));
  EXPECT_EQ(to_json(parse_checkpoint_record(*source_of(text))), text);
}

}  // namespace
}  // namespace nmperm::testing
