#include "tests/checkpoints/reference_model.h"

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

namespace nmperm::testing {
namespace {

using Vector = std::vector<double>;
using Sequence = std::vector<Vector>;

/// A model's tensors by name, with the layers that they make.
class Layers {
 public:
  explicit Layers(const BuiltCheckpoint& model) : model_(model) {}

  bool has(const std::string& name) const { return model_.tensors.count(name) > 0; }
  const BuiltTensor& tensor(const std::string& name) const { return model_.tensors.at(name); }
  double element(const std::string& name, std::size_t i) const {
    return static_cast<double>(tensor(name).values[i]);
  }
  Vector row(const std::string& name, int r) const {
    const BuiltTensor& table = tensor(name);
    const auto width = static_cast<std::size_t>(table.shape[1]);
    Vector result;
    for (std::size_t c = 0; c < width; ++c)
      result.push_back(element(name, static_cast<std::size_t>(r) * width + c));
    return result;
  }

  /// x W^T + b; with `transposed`, W is stored [in, out].
  Vector linear(const std::string& name, const Vector& x, bool transposed = false) const {
    const BuiltTensor& weight = tensor(name + ".weight");
    const auto rows = static_cast<std::size_t>(weight.shape[0]),
               columns = static_cast<std::size_t>(weight.shape[1]);
    Vector y(transposed ? columns : rows, 0.0);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        const double w = static_cast<double>(weight.values[r * columns + c]);
        if (transposed) {
          y[c] += w * x.at(r);
        } else {
          y[r] += w * x.at(c);
        }
      }
    }
    if (has(name + ".bias")) {
      for (std::size_t i = 0; i < y.size(); ++i) y[i] += element(name + ".bias", i);
    }
    return y;
  }

  Vector rms_norm(const std::string& name, const Vector& x, double epsilon) const {
    double squares = 0;
    for (const double value : x) squares += value * value;
    const double scale = 1 / std::sqrt(squares / static_cast<double>(x.size()) + epsilon);
    Vector y;
    for (std::size_t i = 0; i < x.size(); ++i) y.push_back(x[i] * scale * element(name + ".weight", i));
    return y;
  }

  Vector layer_norm(const std::string& name, const Vector& x, double epsilon) const {
    const bool old = has(name + ".gamma");
    double mean = 0, variance = 0;
    for (const double value : x) mean += value / static_cast<double>(x.size());
    for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
    Vector y;
    for (std::size_t i = 0; i < x.size(); ++i) {
      y.push_back((x[i] - mean) / std::sqrt(variance + epsilon) *
                      element(name + (old ? ".gamma" : ".weight"), i) +
                  element(name + (old ? ".beta" : ".bias"), i));
    }
    return y;
  }

 private:
  const BuiltCheckpoint& model_;
};

void add_to(Vector& x, const Vector& more) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += more.at(i);
}

double gelu(double x) {
  return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}
double gelu_tanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
}
double silu(double x) {
  return x / (1 + std::exp(-x));
}

Vector mapped(Vector x, double (*function)(double)) {
  for (double& value : x) value = function(value);
  return x;
}

Vector part(const Vector& x, std::size_t begin, std::size_t count) {
  return {x.begin() + static_cast<std::ptrdiff_t>(begin),
          x.begin() + static_cast<std::ptrdiff_t>(begin + count)};
}

/// Scaled dot-product attention of all heads; consecutive query heads share a key and value head.
Sequence attention(const Sequence& queries, const Sequence& keys, const Sequence& values, std::size_t heads,
                   std::size_t value_heads, bool causal) {
  const std::size_t size = queries[0].size() / heads, sharing = heads / value_heads;
  Sequence result(queries.size(), Vector(heads * size, 0.0));
  for (std::size_t head = 0; head < heads; ++head) {
    const std::size_t shared = head / sharing * size;
    for (std::size_t t = 0; t < queries.size(); ++t) {
      const std::size_t seen = causal ? t + 1 : queries.size();
      Vector weights;
      double sum = 0;
      for (std::size_t s = 0; s < seen; ++s) {
        double dot = 0;
        for (std::size_t j = 0; j < size; ++j) dot += queries[t][head * size + j] * keys[s][shared + j];
        weights.push_back(std::exp(dot / std::sqrt(static_cast<double>(size))));
        sum += weights.back();
      }
      for (std::size_t s = 0; s < seen; ++s) {
        for (std::size_t j = 0; j < size; ++j)
          result[t][head * size + j] += weights[s] / sum * values[s][shared + j];
      }
    }
  }
  return result;
}

/// Rotary embedding of the halves of each head.
void rotate(Vector& x, std::size_t size, std::size_t position, double theta) {
  for (std::size_t head = 0; head < x.size() / size; ++head) {
    for (std::size_t j = 0; j < size / 2; ++j) {
      const double angle = static_cast<double>(position) *
                           std::pow(theta, -2 * static_cast<double>(j) / static_cast<double>(size));
      double &a = x[head * size + j], &b = x[head * size + j + size / 2];
      const double old_a = a;
      a = old_a * std::cos(angle) - b * std::sin(angle);
      b = b * std::cos(angle) + old_a * std::sin(angle);
    }
  }
}

void append(Vector& out, const Vector& more) {
  out.insert(out.end(), more.begin(), more.end());
}

/// Products with every row of a table.
Vector logits(const Layers& layers, const std::string& table, const Vector& x) {
  Vector y;
  for (int r = 0; r < layers.tensor(table).shape[0]; ++r) {
    const Vector row = layers.row(table, r);
    double sum = 0;
    for (std::size_t c = 0; c < row.size(); ++c) sum += row[c] * x.at(c);
    y.push_back(sum);
  }
  return y;
}

Vector run_llama(const BuiltCheckpoint& model, const std::vector<int>& tokens) {
  const Layers layers(model);
  const auto& config = model.config;
  const double epsilon = config["rms_norm_eps"], theta = config["rope_theta"];
  const std::size_t heads = config["num_attention_heads"], shared = config["num_key_value_heads"];
  Sequence x;
  for (const int token : tokens) x.push_back(layers.row("model.embed_tokens.weight", token));
  const std::size_t size = x[0].size() / heads;
  for (int i = 0; i < config["num_hidden_layers"].get<int>(); ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".", self = layer + "self_attn.";
    Sequence q, k, v;
    for (std::size_t t = 0; t < x.size(); ++t) {
      const Vector h = layers.rms_norm(layer + "input_layernorm", x[t], epsilon);
      q.push_back(layers.linear(self + "q_proj", h));
      k.push_back(layers.linear(self + "k_proj", h));
      v.push_back(layers.linear(self + "v_proj", h));
      rotate(q[t], size, t, theta);
      rotate(k[t], size, t, theta);
    }
    const Sequence context = attention(q, k, v, heads, shared, true);
    for (std::size_t t = 0; t < x.size(); ++t) {
      add_to(x[t], layers.linear(self + "o_proj", context[t]));
      const Vector h = layers.rms_norm(layer + "post_attention_layernorm", x[t], epsilon);
      Vector inner = mapped(layers.linear(layer + "mlp.gate_proj", h), silu);
      const Vector up = layers.linear(layer + "mlp.up_proj", h);
      for (std::size_t j = 0; j < inner.size(); ++j) inner[j] *= up[j];
      add_to(x[t], layers.linear(layer + "mlp.down_proj", inner));
    }
  }
  Vector out;
  const bool tied = !layers.has("lm_head.weight");
  for (const Vector& state : x) {
    append(out, logits(layers, tied ? "model.embed_tokens.weight" : "lm_head.weight",
                       layers.rms_norm("model.norm", state, epsilon)));
  }
  return out;
}

Vector run_gpt2(const BuiltCheckpoint& model, const std::vector<int>& tokens) {
  const Layers layers(model);
  const double epsilon = model.config["layer_norm_epsilon"];
  const std::size_t heads = model.config["n_head"];
  Sequence x;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    x.push_back(layers.row("wte.weight", tokens[t]));
    add_to(x[t], layers.row("wpe.weight", static_cast<int>(t)));
  }
  const std::size_t width = x[0].size();
  for (int i = 0; i < model.config["n_layer"].get<int>(); ++i) {
    const std::string layer = "h." + std::to_string(i) + ".";
    Sequence q, k, v;
    for (const Vector& state : x) {
      const Vector qkv =
          layers.linear(layer + "attn.c_attn", layers.layer_norm(layer + "ln_1", state, epsilon), true);
      q.push_back(part(qkv, 0, width));
      k.push_back(part(qkv, width, width));
      v.push_back(part(qkv, 2 * width, width));
    }
    const Sequence context = attention(q, k, v, heads, heads, true);
    for (std::size_t t = 0; t < x.size(); ++t) {
      add_to(x[t], layers.linear(layer + "attn.c_proj", context[t], true));
      const Vector h = layers.layer_norm(layer + "ln_2", x[t], epsilon);
      const Vector inner = mapped(layers.linear(layer + "mlp.c_fc", h, true), gelu_tanh);
      add_to(x[t], layers.linear(layer + "mlp.c_proj", inner, true));
    }
  }
  Vector out;
  for (const Vector& state : x)
    append(out, logits(layers, "wte.weight", layers.layer_norm("ln_f", state, epsilon)));
  return out;
}

Vector run_opt(const BuiltCheckpoint& model, const std::vector<int>& tokens) {
  const Layers layers(model);
  const double epsilon = 1e-5;
  const bool before = model.config["do_layer_norm_before"];
  const std::size_t heads = model.config["num_attention_heads"];
  const std::string body = "model.decoder.";
  Sequence x;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    Vector state = layers.row(body + "embed_tokens.weight", tokens[t]);
    if (layers.has(body + "project_in.weight")) state = layers.linear(body + "project_in", state);
    add_to(state, layers.row(body + "embed_positions.weight", static_cast<int>(t) + 2));
    x.push_back(std::move(state));
  }
  for (int i = 0; i < model.config["num_hidden_layers"].get<int>(); ++i) {
    const std::string layer = body + "layers." + std::to_string(i) + ".", self = layer + "self_attn.";
    Sequence q, k, v;
    for (const Vector& state : x) {
      const Vector h = before ? layers.layer_norm(layer + "self_attn_layer_norm", state, epsilon) : state;
      q.push_back(layers.linear(self + "q_proj", h));
      k.push_back(layers.linear(self + "k_proj", h));
      v.push_back(layers.linear(self + "v_proj", h));
    }
    const Sequence context = attention(q, k, v, heads, heads, true);
    for (std::size_t t = 0; t < x.size(); ++t) {
      add_to(x[t], layers.linear(self + "out_proj", context[t]));
      if (!before) x[t] = layers.layer_norm(layer + "self_attn_layer_norm", x[t], epsilon);
      const Vector h = before ? layers.layer_norm(layer + "final_layer_norm", x[t], epsilon) : x[t];
      const auto relu = [](double value) { return std::max(0.0, value); };
      add_to(x[t], layers.linear(layer + "fc2", mapped(layers.linear(layer + "fc1", h), relu)));
      if (!before) x[t] = layers.layer_norm(layer + "final_layer_norm", x[t], epsilon);
    }
  }
  Vector out;
  for (Vector state : x) {
    if (before) state = layers.layer_norm(body + "final_layer_norm", state, epsilon);
    if (layers.has(body + "project_out.weight")) state = layers.linear(body + "project_out", state);
    append(out, logits(layers, body + "embed_tokens.weight", state));
  }
  return out;
}

Vector run_bert(const BuiltCheckpoint& model, const std::vector<int>& tokens) {
  const Layers layers(model);
  const double epsilon = model.config["layer_norm_eps"];
  const std::size_t heads = model.config["num_attention_heads"];
  Sequence x;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    Vector state = layers.row("bert.embeddings.word_embeddings.weight", tokens[t]);
    add_to(state, layers.row("bert.embeddings.position_embeddings.weight", static_cast<int>(t)));
    add_to(state, layers.row("bert.embeddings.token_type_embeddings.weight", t > 2 ? 1 : 0));
    x.push_back(layers.layer_norm("bert.embeddings.LayerNorm", state, epsilon));
  }
  for (int i = 0; i < model.config["num_hidden_layers"].get<int>(); ++i) {
    const std::string layer = "bert.encoder.layer." + std::to_string(i) + ".", self = layer + "attention.";
    Sequence q, k, v;
    for (const Vector& state : x) {
      q.push_back(layers.linear(self + "self.query", state));
      k.push_back(layers.linear(self + "self.key", state));
      v.push_back(layers.linear(self + "self.value", state));
    }
    const Sequence context = attention(q, k, v, heads, heads, false);
    for (std::size_t t = 0; t < x.size(); ++t) {
      add_to(x[t], layers.linear(self + "output.dense", context[t]));
      x[t] = layers.layer_norm(self + "output.LayerNorm", x[t], epsilon);
      add_to(x[t], layers.linear(layer + "output.dense",
                                 mapped(layers.linear(layer + "intermediate.dense", x[t]), gelu)));
      x[t] = layers.layer_norm(layer + "output.LayerNorm", x[t], epsilon);
    }
  }
  Vector out;
  for (const Vector& state : x) {
    const Vector inner = mapped(layers.linear("cls.predictions.transform.dense", state), gelu);
    Vector scores = logits(layers, "bert.embeddings.word_embeddings.weight",
                           layers.layer_norm("cls.predictions.transform.LayerNorm", inner, epsilon));
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += layers.element("cls.predictions.bias", i);
    append(out, scores);
  }
  const auto hyperbolic = [](double value) { return std::tanh(value); };
  append(out,
         layers.linear("cls.seq_relationship", mapped(layers.linear("bert.pooler.dense", x[0]), hyperbolic)));
  return out;
}

}  // namespace

std::vector<double> run_model(const BuiltCheckpoint& model, const std::vector<int>& tokens) {
  const std::string type = model.config["model_type"];
  if (type == "gpt2") return run_gpt2(model, tokens);
  if (type == "opt") return run_opt(model, tokens);
  if (type == "bert") return run_bert(model, tokens);
  return run_llama(model, tokens);
}

}  // namespace nmperm::testing
