#include "tests/checkpoints/checkpoint_builder.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/rng.h"

namespace nmperm::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The nearest number towards zero that has 8 significant bits.
float rounded(double value) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) & 0xffff0000u);
}

std::uint16_t to_half(float value) {  // for numbers of 8 bits that are normal in float16
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const int exponent = static_cast<int>(bits >> 23 & 0xffu) - 112;
  if (exponent <= 0) return 0;
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000u) | static_cast<unsigned>(exponent) << 10 |
                                    (bits >> 13 & 0x3ffu));
}

std::string encoded(const std::vector<float>& values, const std::string& dtype) {
  std::string bytes;
  for (const float value : values) {
    char word[4];
    std::memcpy(word, &value, 4);
    if (dtype == "F32") bytes.append(word, 4);
    if (dtype == "BF16") bytes.append(word + 2, 2);
    if (dtype == "F16") {
      const std::uint16_t half = to_half(value);
      std::memcpy(word, &half, 2);
      bytes.append(word, 2);
    }
  }
  return bytes;
}

std::vector<float> decoded(const std::string& bytes, const std::string& dtype) {
  std::vector<float> values;
  const std::size_t size = dtype == "F32" ? 4 : 2;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, bytes.data() + at, size);
    if (dtype == "BF16") bits <<= 16;
    if (dtype == "F16") {
      const std::uint32_t magnitude = (bits & 0x7fffu) == 0 ? 0 : (bits & 0x7fffu) * 0x2000u + 0x38000000u;
      bits = (bits & 0x8000u) << 16 | magnitude;
    }
    values.push_back(std::bit_cast<float>(bits));
  }
  return values;
}

void save(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string load(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string shard_bytes(const std::map<std::string, BuiltTensor>& tensors, const std::string& dtype) {
  json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t begin = data.size();
    data += encoded(tensor.values, dtype);
    header[name] = {{"dtype", dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  std::uint64_t length = text.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + text + data;
}

}  // namespace

void BuiltCheckpoint::add(const std::string& name, const std::vector<int>& shape, double centre) {
  Rng rng(std::hash<std::string>()(name) % 100000);
  std::size_t count = 1;
  for (const int length : shape) count *= static_cast<std::size_t>(length);
  const auto columns = static_cast<std::size_t>(shape.back());
  std::vector<double> scales;
  for (std::size_t c = 0; c < columns; ++c)
    scales.push_back(shape.size() < 2 ? 1 : std::exp(rng.uniform() - 0.5));
  BuiltTensor tensor{shape, {}};
  const double spread = shape.size() < 2 ? 0.3 : 1.5 / std::sqrt(static_cast<double>(columns));
  for (std::size_t i = 0; i < count; ++i) {
    tensor.values.push_back(rounded(centre + spread * scales[i % columns] * (2 * rng.uniform() - 1)));
  }
  tensors[name] = std::move(tensor);
}

void BuiltCheckpoint::add_norm(const std::string& name, int channels, bool bias) {
  add(name + ".weight", {channels}, 1);
  if (bias) add(name + ".bias", {channels});
}

void BuiltCheckpoint::add_linear(const std::string& name, int outputs, int inputs, bool bias,
                                 bool transposed) {
  add(name + ".weight", transposed ? std::vector<int>{inputs, outputs} : std::vector<int>{outputs, inputs});
  if (bias) add(name + ".bias", {outputs});
}

void BuiltCheckpoint::write(const std::string& folder, const std::string& dtype, int shards) const {
  const fs::path path = folder;
  fs::create_directories(path);
  save(path / "config.json", config.dump(1));
  save(path / "tokenizer.json", "{\"version\": \"1.0\"}\n");
  if (shards == 1) return save(path / "model.safetensors", shard_bytes(tensors, dtype));
  std::vector<std::map<std::string, BuiltTensor>> parts(static_cast<std::size_t>(shards));
  json map;
  std::size_t next = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t part = next++ % parts.size();
    parts[part][name] = tensor;
    map[name] =
        "model-0000" + std::to_string(part + 1) + "-of-0000" + std::to_string(shards) + ".safetensors";
  }
  for (const auto& part : parts) {
    save(path / map[part.begin()->first].get<std::string>(), shard_bytes(part, dtype));
  }
  save(path / "model.safetensors.index.json",
       json{{"metadata", {{"total_size", 1}}}, {"weight_map", map}}.dump());
}

BuiltCheckpoint read_checkpoint(const std::string& folder) {
  BuiltCheckpoint checkpoint;
  checkpoint.config = json::parse(load(fs::path(folder) / "config.json"));
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".safetensors") continue;
    const std::string bytes = load(entry.path());
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    const json header = json::parse(bytes.substr(8, length));
    for (const auto& [name, info] : header.items()) {
      if (name == "__metadata__") continue;
      const auto begin = info["data_offsets"][0].get<std::size_t>(),
                 end = info["data_offsets"][1].get<std::size_t>();
      checkpoint.tensors[name] = {info["shape"].get<std::vector<int>>(),
                                  decoded(bytes.substr(8 + length + begin, end - begin), info["dtype"])};
    }
  }
  return checkpoint;
}

BuiltCheckpoint tiny_llama(const std::string& type, bool tied) {
  BuiltCheckpoint model;
  const std::map<std::string, std::string> classes = {
      {"llama", "LlamaForCausalLM"}, {"mistral", "MistralForCausalLM"}, {"qwen2", "Qwen2ForCausalLM"}};
  model.config = {{"model_type", type},         {"architectures", {classes.at(type)}},
                  {"hidden_size", 64},          {"intermediate_size", 96},
                  {"num_hidden_layers", 2},     {"num_attention_heads", 4},
                  {"num_key_value_heads", 2},   {"vocab_size", 40},
                  {"rms_norm_eps", 1e-5},       {"rope_theta", 10000.0},
                  {"tie_word_embeddings", tied}};
  model.add("model.embed_tokens.weight", {40, 64});
  const bool bias = type == "qwen2";
  for (const std::string layer : {"model.layers.0.", "model.layers.1."}) {
    model.add_norm(layer + "input_layernorm", 64, false);
    model.add_linear(layer + "self_attn.q_proj", 64, 64, bias);
    model.add_linear(layer + "self_attn.k_proj", 32, 64, bias);
    model.add_linear(layer + "self_attn.v_proj", 32, 64, bias);
    model.add_linear(layer + "self_attn.o_proj", 64, 64, false);
    model.add_norm(layer + "post_attention_layernorm", 64, false);
    model.add_linear(layer + "mlp.gate_proj", 96, 64, false);
    model.add_linear(layer + "mlp.up_proj", 96, 64, false);
    model.add_linear(layer + "mlp.down_proj", 64, 96, false);
  }
  model.add_norm("model.norm", 64, false);
  if (!tied) model.add("lm_head.weight", {40, 64});
  return model;
}

BuiltCheckpoint tiny_gpt2() {
  BuiltCheckpoint model;
  model.config = {{"model_type", "gpt2"}, {"architectures", {"GPT2LMHeadModel"}},
                  {"n_embd", 64},         {"n_layer", 2},
                  {"n_head", 4},          {"n_inner", nullptr},
                  {"vocab_size", 40},     {"layer_norm_epsilon", 1e-5}};
  model.add("wte.weight", {40, 64});
  model.add("wpe.weight", {16, 64});
  for (const std::string layer : {"h.0.", "h.1."}) {
    model.add_norm(layer + "ln_1", 64);
    model.add(layer + "attn.bias", {1, 1, 16, 16});
    model.add_linear(layer + "attn.c_attn", 192, 64, true, true);
    model.add_linear(layer + "attn.c_proj", 64, 64, true, true);
    model.add_norm(layer + "ln_2", 64);
    model.add_linear(layer + "mlp.c_fc", 256, 64, true, true);
    model.add_linear(layer + "mlp.c_proj", 64, 256, true, true);
  }
  model.add_norm("ln_f", 64);
  return model;
}

BuiltCheckpoint tiny_opt(bool norm_before, int word_channels) {
  BuiltCheckpoint model;
  model.config = {{"model_type", "opt"},
                  {"architectures", {"OPTForCausalLM"}},
                  {"hidden_size", 64},
                  {"ffn_dim", 96},
                  {"num_hidden_layers", 2},
                  {"num_attention_heads", 4},
                  {"vocab_size", 40},
                  {"word_embed_proj_dim", word_channels},
                  {"do_layer_norm_before", norm_before}};
  model.add("model.decoder.embed_tokens.weight", {40, word_channels});
  model.add("model.decoder.embed_positions.weight", {18, 64});
  if (word_channels != 64) {
    model.add("model.decoder.project_in.weight", {64, word_channels});
    model.add("model.decoder.project_out.weight", {word_channels, 64});
  }
  for (const std::string layer : {"model.decoder.layers.0.", "model.decoder.layers.1."}) {
    for (const char* name : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
      model.add_linear(layer + "self_attn." + name, 64, 64, true);
    }
    model.add_norm(layer + "self_attn_layer_norm", 64);
    model.add_linear(layer + "fc1", 96, 64, true);
    model.add_linear(layer + "fc2", 64, 96, true);
    model.add_norm(layer + "final_layer_norm", 64);
  }
  if (norm_before) model.add_norm("model.decoder.final_layer_norm", 64);
  return model;
}

BuiltCheckpoint tiny_bert() {
  BuiltCheckpoint model;
  model.config = {{"model_type", "bert"},   {"architectures", {"BertForPreTraining"}},
                  {"hidden_size", 64},      {"intermediate_size", 96},
                  {"num_hidden_layers", 2}, {"num_attention_heads", 4},
                  {"vocab_size", 40},       {"layer_norm_eps", 1e-12}};
  model.add("bert.embeddings.word_embeddings.weight", {40, 64});
  model.add("bert.embeddings.position_embeddings.weight", {16, 64});
  model.add("bert.embeddings.token_type_embeddings.weight", {2, 64});
  const auto old_norm = [&](const std::string& name) {  // as older files call them
    model.add(name + ".gamma", {64}, 1);
    model.add(name + ".beta", {64});
  };
  old_norm("bert.embeddings.LayerNorm");
  for (const std::string layer : {"bert.encoder.layer.0.", "bert.encoder.layer.1."}) {
    for (const char* name : {"self.query", "self.key", "self.value", "output.dense"}) {
      model.add_linear(layer + "attention." + name, 64, 64, true);
    }
    old_norm(layer + "attention.output.LayerNorm");
    model.add_linear(layer + "intermediate.dense", 96, 64, true);
    model.add_linear(layer + "output.dense", 64, 96, true);
    old_norm(layer + "output.LayerNorm");
  }
  model.add_linear("bert.pooler.dense", 64, 64, true);
  model.add_linear("cls.predictions.transform.dense", 64, 64, true);
  old_norm("cls.predictions.transform.LayerNorm");
  model.add("cls.predictions.bias", {40});
  model.add_linear("cls.seq_relationship", 2, 64, true);
  return model;
}

BuiltCheckpoint tiny_checkpoint(const std::string& type) {
  if (type == "gpt2") return tiny_gpt2();
  if (type == "opt") return tiny_opt();
  if (type == "bert") return tiny_bert();
  return tiny_llama(type);
}

}  // namespace nmperm::testing
