// A trained LLaMA-type model: stories260K, which is at hand as an ONNX file, made into a checkpoint.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "checkpoints/checkpoint_report.h"
#include "checkpoints/search_checkpoint.h"
#include "checkpoints/write_checkpoint.h"
#include "heuristics/channel_swap.h"
#include "network/verify.h"
#include "network/weight_matrix.h"
#include "tests/checkpoints/checkpoint_builder.h"
#include "tests/checkpoints/reference_model.h"
#include "tests/io/file_builders.h"
#include "tests/network/engine.h"

namespace nmperm::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kChannels = 64, kHeads = 8, kValueHeads = 4, kLayers = 5, kHeadSize = kChannels / kHeads;

std::string stories_path() {
  const char* const given = std::getenv("NMPERM_SHARED_INSTANCES");
  const fs::path folder = given != nullptr ? given : NMPERM_SHARED_INSTANCES_DEFAULT;
  return (folder / "onnx" / "stories260k.onnx").string();
}

/// The file's weights under the names of the transformers library.
class Conversion {
 public:
  explicit Conversion(const OnnxModel& model) : model_(model), graph_(model.layer_graph()) {}

  BuiltCheckpoint run() {
    result_.config = {{"model_type", "llama"},
                      {"architectures", {"LlamaForCausalLM"}},
                      {"hidden_size", kChannels},
                      {"intermediate_size", 172},
                      {"num_hidden_layers", kLayers},
                      {"num_attention_heads", kHeads},
                      {"num_key_value_heads", kValueHeads},
                      {"vocab_size", 512},
                      {"rms_norm_eps", 1e-5},
                      {"rope_theta", 10000.0},
                      {"tie_word_embeddings", false}};
    result_.tensors["model.embed_tokens.weight"] = constant_of("/emb/Gather");
    for (int i = 0; i < kLayers; ++i) {
      const std::string from = "/layers." + std::to_string(i) + "/",
                        to = "model.layers." + std::to_string(i) + ".";
      const std::string attention = to + "self_attn.", mlp = to + "mlp.";
      result_.tensors[to + "input_layernorm.weight"] = constant_of(from + "att_norm/Mul_2");
      result_.tensors[to + "post_attention_layernorm.weight"] = constant_of(from + "ffn_norm/Mul_2");
      result_.tensors[attention + "q_proj.weight"] =
          halves_of_pairs(transposed(constant_of(from + "wq/MatMul")));
      result_.tensors[attention + "k_proj.weight"] =
          halves_of_pairs(transposed(constant_of(from + "wk/MatMul")));
      result_.tensors[attention + "v_proj.weight"] = transposed(constant_of(from + "wv/MatMul"));
      result_.tensors[attention + "o_proj.weight"] = transposed(constant_of(from + "wo/MatMul"));
      result_.tensors[mlp + "gate_proj.weight"] = transposed(constant_of(from + "w1/MatMul"));
      result_.tensors[mlp + "down_proj.weight"] = transposed(constant_of(from + "w2/MatMul"));
      result_.tensors[mlp + "up_proj.weight"] = transposed(constant_of(from + "w3/MatMul"));
    }
    result_.tensors["model.norm.weight"] = constant_of("/norm/Mul_2");
    result_.tensors["lm_head.weight"] = transposed(constant_of("/MatMul"));
    return result_;
  }

 private:
  BuiltTensor constant_of(const std::string& node_name) const {
    for (const GraphNode& node : graph_.nodes) {
      if (node.name != node_name) continue;
      for (const int input : node.inputs) {
        const int index = graph_.tensors[static_cast<std::size_t>(input)].constant;
        if (index < 0) continue;
        const StoredConstant& constant = model_.constant(index);
        return {{constant.dims.begin(), constant.dims.end()},
                to_float32(constant.type, model_.constant_bytes(index), constant.name)};
      }
    }
    throw std::runtime_error("no constant at " + node_name);
  }

  static BuiltTensor transposed(const BuiltTensor& tensor) {
    const auto rows = static_cast<std::size_t>(tensor.shape[0]),
               columns = static_cast<std::size_t>(tensor.shape[1]);
    BuiltTensor result{{tensor.shape[1], tensor.shape[0]}, std::vector<float>(rows * columns)};
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) result.values[c * rows + r] = tensor.values[r * columns + c];
    }
    return result;
  }

  /// The file turns neighbouring channels of a head against each other, the library its halves.
  static BuiltTensor halves_of_pairs(const BuiltTensor& tensor) {
    BuiltTensor result{tensor.shape, {}};
    const auto columns = static_cast<std::ptrdiff_t>(tensor.shape[1]);
    for (int r = 0; r < tensor.shape[0]; ++r) {
      const int j = r % kHeadSize, half = kHeadSize / 2;
      const int from = r - j + (j < half ? 2 * j : 2 * (j - half) + 1);
      const auto row = tensor.values.begin() + from * columns;
      result.values.insert(result.values.end(), row, row + columns);
    }
    return result;
  }

  const OnnxModel& model_;
  LayerGraph graph_;
  BuiltCheckpoint result_;
};

struct Difference {
  double largest_difference = 0, largest_output = 0;
};

template <typename Values>
Difference difference(const std::vector<double>& a, const Values& b) {
  Difference result;
  for (std::size_t i = 0; i < a.size(); ++i) {
    result.largest_difference =
        std::max(result.largest_difference, std::fabs(a[i] - static_cast<double>(b[i])));
    result.largest_output = std::max(result.largest_output, std::fabs(a[i]));
  }
  return result;
}

const std::vector<int> kStory = {1,   403, 407, 261, 378, 432, 383, 286, 261, 376, 298,
                                 310, 268, 300, 393, 285, 400, 266, 327, 302, 270, 311,
                                 293, 282, 288, 267, 272, 319, 320, 443, 305, 264};

TEST(Stories, TheConvertedCheckpointIsTheModelOfTheOnnxFile) {
  if (!fs::exists(stories_path())) GTEST_SKIP() << stories_path() << " is absent";
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  const OnnxModel model = OnnxModel::read(stories_path());
  auto inputs = random_inputs(model, 1, 1, 32);
  ASSERT_EQ(inputs.size(), 1U);
  const std::size_t size = inputs[0].bytes.size() / kStory.size();
  for (std::size_t i = 0; i < kStory.size(); ++i) {
    const std::int64_t token = kStory[i];
    std::memcpy(inputs[0].bytes.data() + i * size, &token, size);
  }
  const auto answers = engine->run({{stories_path(), {inputs}}});
  ASSERT_EQ(answers[0].error, "");
  const EngineTensor& logits = answers[0].outputs[0][0];
  std::vector<float> expected(logits.bytes.size() / sizeof(float));
  std::memcpy(expected.data(), logits.bytes.data(), logits.bytes.size());
  const std::vector<double> ours = run_model(Conversion(model).run(), kStory);
  ASSERT_EQ(ours.size(), expected.size());
  const Difference found = difference(ours, expected);
  EXPECT_LT(found.largest_difference, 1e-5 * found.largest_output);
}

TEST(Stories, ComputesTheSameAfterTheCheckpointIsPermuted) {
  if (!fs::exists(stories_path())) GTEST_SKIP() << stories_path() << " is absent";
  const BuiltCheckpoint before = Conversion(OnnxModel::read(stories_path())).run();
  const TemporaryFolder folder;
  before.write(folder.path("in"), "F32", 2);
  const CheckpointFiles files = CheckpointFiles::open(folder.path("in"));
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  // The inner 172 channels of the MLP do not suit the default rule: the stream and the values move.
  EXPECT_EQ(plan.sets.size(), 1U + kLayers);
  EXPECT_EQ(plan.coverage().free_elements, plan.coverage().prunable_elements);
  EXPECT_EQ(plan.coverage().prunable_elements, 94208 - 512 * 64);  // as in the ONNX file, but for the head
  CheckpointSearch search;
  search.parameters.limits.iterations = 1000;
  SearchState state;
  const auto results = search_checkpoint(files, plan, ChannelSwapSolver(), search, state);
  const Magnitude magnitude = checkpoint_magnitude(files, plan, Scoring(), results);
  EXPECT_GT(magnitude.kept, 1.005 * magnitude.default_kept);
  ChannelOrders orders;
  for (const Result& result : results) orders.push_back(result.permutation);
  write_checkpoint(files, plan, orders, Scoring(), {folder.path("out"), false, false});
  const BuiltCheckpoint after = read_checkpoint(folder.path("out"));
  EXPECT_NE(after.tensors.at("lm_head.weight").values, before.tensors.at("lm_head.weight").values);
  const Difference found = difference(run_model(before, kStory), run_model(after, kStory));
  EXPECT_LT(found.largest_difference, 1e-11 * found.largest_output);
}

}  // namespace
}  // namespace nmperm::testing
