// Checkpoints for tests: random weights of every architecture, written as the transformers library lays them
// out. Shares no code with the reader.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace nmperm::testing {

struct BuiltTensor {
  std::vector<int> shape;
  std::vector<float> values;
};

/// Tensors and configuration of a model in memory.
struct BuiltCheckpoint {
  nlohmann::json config;
  std::map<std::string, BuiltTensor> tensors;

  /// Values around `centre`, rounded to bfloat16 so that every type holds them; columns of two-dimensional
  /// weights have scales of their own, so that there is something to gain.
  void add(const std::string& name, const std::vector<int>& shape, double centre = 0);
  /// A layer normalisation: weight around 1, bias around 0.
  void add_norm(const std::string& name, int channels, bool bias = true);
  void add_linear(const std::string& name, int outputs, int inputs, bool bias, bool transposed = false);

  /// Writes config.json and `shards` .safetensors files (with an index where there are several), and a
  /// tokenizer.json. `dtype` is F32, F16 or BF16.
  void write(const std::string& folder, const std::string& dtype = "F32", int shards = 1) const;
};

/// Reads all tensors of a folder back.
BuiltCheckpoint read_checkpoint(const std::string& folder);

/// 16-channel heads, 2 layers. LLaMA: 4 query heads on 2 value heads; `type` is llama, mistral or qwen2.
BuiltCheckpoint tiny_llama(const std::string& type = "llama", bool tied = false);
BuiltCheckpoint tiny_gpt2();
BuiltCheckpoint tiny_opt(bool norm_before = true, int word_channels = 64);
BuiltCheckpoint tiny_bert();
BuiltCheckpoint tiny_checkpoint(const std::string& type);

}  // namespace nmperm::testing
