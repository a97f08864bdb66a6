// Checkpoints that are none: one line each, naming file and place.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoints/checkpoint_plan.h"
#include "tests/checkpoints/checkpoint_builder.h"
#include "tests/io/file_builders.h"
#include "tests/support/refusal.h"

namespace nmperm::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class CheckpointFaults : public ::testing::Test {
 protected:
  CheckpointFaults() : model_(tiny_llama()) {}

  std::string refused(int shards = 1) {
    model_.write(folder_.path("in"), "F32", shards);
    return read();
  }
  std::string read() const {
    return refusal_of(
        [&] { plan_checkpoint(CheckpointFiles::open(folder_.path("in")), Pattern{}, PruningRule()); });
  }
  void cut(const std::string& name, std::size_t bytes) {
    const std::string path = folder_.path("in/" + name), text = contents(path);
    folder_.write("in/" + name, text.substr(0, text.size() - bytes));
  }

  TemporaryFolder folder_;
  BuiltCheckpoint model_;
};

TEST_F(CheckpointFaults, AFolderWithoutAModel) {
  fs::create_directory(folder_.path("in"));
  EXPECT_THAT(read(), AllOf(HasSubstr("config.json"), HasSubstr("cannot be opened")));
  folder_.write("in/config.json", "{\"model_type\": \"llama\"");
  EXPECT_THAT(read(), HasSubstr("malformed JSON"));
  folder_.write("in/config.json", model_.config.dump());
  folder_.write("in/pytorch_model.bin", "old");
  EXPECT_THAT(read(), AllOf(HasSubstr("holds no weights"), HasSubstr("model.safetensors.index.json")));
}

TEST_F(CheckpointFaults, AnUnknownArchitectureListsTheKnown) {
  model_.config["model_type"] = "rwkv";
  EXPECT_THAT(refused(), AllOf(HasSubstr("config.json: model_type"), HasSubstr("'rwkv'"),
                               HasSubstr("llama, mistral, qwen2, gpt2, opt, bert")));
}

TEST_F(CheckpointFaults, ConfigurationsThatContradictTheTensors) {
  const nlohmann::json config = model_.config;
  const auto with = [&](const std::string& name, const nlohmann::json& value) {
    model_.config = config;
    model_.config[name] = value;
    return refused();
  };
  EXPECT_THAT(with("hidden_size", 128),
              AllOf(HasSubstr("embed_tokens.weight"), HasSubstr("expected [40, 128]")));
  EXPECT_THAT(with("intermediate_size", 100), AllOf(HasSubstr("gate_proj"), HasSubstr("[100, 64]")));
  EXPECT_THAT(with("num_key_value_heads", 4), AllOf(HasSubstr("k_proj"), HasSubstr("[64, 64]")));
  EXPECT_THAT(with("num_key_value_heads", 3), HasSubstr("num_key_value_heads"));
  EXPECT_THAT(with("num_attention_heads", 10), HasSubstr("num_attention_heads"));
  EXPECT_THAT(with("num_hidden_layers", 3), AllOf(HasSubstr("model.layers.2."), HasSubstr("is missing")));
  EXPECT_THAT(with("num_hidden_layers", 1), AllOf(HasSubstr("num_hidden_layers"), HasSubstr("at least 2")));
  EXPECT_THAT(with("vocab_size", 50), HasSubstr("expected [50, 64]"));
  EXPECT_THAT(with("hidden_size", -64), AllOf(HasSubstr("hidden_size"), HasSubstr("-64")));
  EXPECT_THAT(with("hidden_size", "64"), HasSubstr("hidden_size"));
  EXPECT_THAT(with("architectures", "LlamaForCausalLM"), HasSubstr("architectures"));
  model_.config = config;
  model_.config.erase("num_attention_heads");
  EXPECT_THAT(refused(), HasSubstr("num_attention_heads"));
}

TEST_F(CheckpointFaults, HalfACheckpoint) {
  model_.tensors.erase("model.layers.1.mlp.up_proj.weight");
  EXPECT_THAT(refused(),
              AllOf(HasSubstr("'model.layers.1.mlp.up_proj.weight' is missing"), HasSubstr("2 layers")));
  model_ = tiny_llama();
  model_.tensors.erase("lm_head.weight");
  EXPECT_THAT(refused(), HasSubstr("'lm_head.weight' is missing"));
  model_.tensors.erase("model.embed_tokens.weight");
  EXPECT_THAT(refused(), AllOf(HasSubstr("embed_tokens"), HasSubstr("of the type llama")));
}

TEST_F(CheckpointFaults, ShardsThatAreMissingOrCut) {
  model_.write(folder_.path("in"), "F32", 3);
  cut("model-00002-of-00003.safetensors", 4);
  EXPECT_THAT(read(), AllOf(HasSubstr("model-00002-of-00003.safetensors"), HasSubstr("not inside the file")));
  fs::remove(folder_.path("in/model-00002-of-00003.safetensors"));
  EXPECT_THAT(read(), AllOf(HasSubstr("model-00002-of-00003.safetensors"), HasSubstr("is missing")));
}

TEST_F(CheckpointFaults, AnIndexThatDoesNotAgreeWithTheShards) {
  model_.write(folder_.path("in"), "F32", 2);
  const std::string path = "in/model.safetensors.index.json", text = contents(folder_.path(path));
  nlohmann::json index = nlohmann::json::parse(text);
  const auto with = [&](const std::string& tensor, const nlohmann::json& file) {
    nlohmann::json changed = index;
    changed["weight_map"][tensor] = file;
    folder_.write(path, changed.dump());
    return read();
  };
  const std::string first = "model-00001-of-00002.safetensors";
  EXPECT_THAT(with("model.layers.9.x", first), AllOf(HasSubstr(first), HasSubstr("model.layers.9.x")));
  EXPECT_THAT(with("lm_head.weight", "model-00002-of-00002.safetensors"), HasSubstr("lm_head.weight"));
  EXPECT_THAT(with("lm_head.weight", "../secret"), HasSubstr("'../secret'"));
  EXPECT_THAT(with("lm_head.weight", 7), HasSubstr("a string"));
  index["weight_map"].erase("lm_head.weight");
  folder_.write(path, index.dump());
  EXPECT_THAT(read(), AllOf(HasSubstr("weight_map"), HasSubstr("has no 'lm_head.weight'")));
  folder_.write(path, "{\"weight_map\": {}}");
  EXPECT_THAT(read(), HasSubstr("is empty"));
}

TEST_F(CheckpointFaults, ATensorInTwoShards) {
  model_.write(folder_.path("in"), "F32", 2);
  const std::string first = contents(folder_.path("in/model-00001-of-00002.safetensors"));
  folder_.write("in/model-00002-of-00002.safetensors", first);
  EXPECT_THAT(read(), HasSubstr("too"));
}

TEST_F(CheckpointFaults, QuantisedWeights) {
  model_.write(folder_.path("in"), "F32");
  std::string bytes = contents(folder_.path("in/model.safetensors"));
  for (std::size_t at = bytes.find("\"F32\""); at != std::string::npos; at = bytes.find("\"F32\"")) {
    bytes.replace(at, 5, "\"I32\"");
  }
  folder_.write("in/model.safetensors", bytes);
  EXPECT_THAT(read(), AllOf(HasSubstr("unsupported type I32"), HasSubstr("BF16")));
}

}  // namespace
}  // namespace nmperm::testing
