// The architectures, tensor by tensor, as the transformers library (huggingface/transformers, models/*) names
// and uses them.
#include "checkpoints/family.h"

namespace nmperm {
namespace {

using Rules = std::vector<TensorRule>;

TensorRule linear(std::string name, Axis outputs, Axis inputs) {
  return {std::move(name), {outputs, inputs}, Use::kLinear};
}
/// GPT-2 stores [in, out].
TensorRule conv1d(std::string name, Axis inputs, Axis outputs) {
  return {std::move(name), {inputs, outputs}, Use::kLinear, 0};
}
TensorRule dense(std::string name, Axis outputs, Axis inputs) {
  return {std::move(name), {outputs, inputs}, Use::kDense};
}
TensorRule table(std::string name, Axis rows) {
  return {std::move(name), {rows, Axis::kResidual}, Use::kOther};
}
TensorRule vector(std::string name, Axis axis) {
  return {std::move(name), {axis}, Use::kOther};
}
TensorRule optional(TensorRule rule) {
  rule.required = false;
  return rule;
}
/// A buffer that nothing depends on.
TensorRule buffer(std::string name) {
  return {std::move(name), {}, Use::kOther, 1, false};
}

void append(Rules& rules, const Rules& more) {
  rules.insert(rules.end(), more.begin(), more.end());
}
/// NAME.weight and NAME.bias of a layer normalisation over the residual stream.
Rules layer_norm(const std::string& name) {
  TensorRule weight = vector(name + ".weight", Axis::kResidual),
             bias = vector(name + ".bias", Axis::kResidual);
  weight.old_name = name + ".gamma";
  bias.old_name = name + ".beta";
  return {weight, optional(bias)};
}
Rules linear_with_bias(const std::string& name, Axis outputs, Axis inputs) {
  return {linear(name + ".weight", outputs, inputs), optional(vector(name + ".bias", outputs))};
}
Rules conv1d_with_bias(const std::string& name, Axis inputs, Axis outputs) {
  return {conv1d(name + ".weight", inputs, outputs), optional(vector(name + ".bias", outputs))};
}
Rules joined(const std::vector<Rules>& parts) {
  Rules rules;
  for (const Rules& part : parts) append(rules, part);
  return rules;
}

Head causal(const std::string& architecture) {
  return {architecture,
          {dense("lm_head.weight", Axis::kVocabulary, Axis::kEmbedding),
           optional(vector("lm_head.bias", Axis::kVocabulary))},
          "lm_head.weight"};
}

/// Rotary embedding couples pairs of query and key channels by their place: they stay. RMSNorm's weight moves
/// with the residual stream; gate and up projection share the inner channels.
Family llama_like(const std::string& model_type, const std::string& architecture) {
  const std::string attention = "layers.{i}.self_attn.", mlp = "layers.{i}.mlp.";
  return {.model_type = model_type,
          .config = {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"},
          .grouped = true,
          .default_intermediate = 0,
          .tied_by_default = false,
          .prefixes = {"model.", ""},
          .layer = "layers.{i}.",
          .body = joined({{table("embed_tokens.weight", Axis::kVocabulary),
                           vector("layers.{i}.input_layernorm.weight", Axis::kResidual)},
                          linear_with_bias(attention + "q_proj", Axis::kQuery, Axis::kResidual),
                          linear_with_bias(attention + "k_proj", Axis::kKey, Axis::kResidual),
                          linear_with_bias(attention + "v_proj", Axis::kValue, Axis::kResidual),
                          linear_with_bias(attention + "o_proj", Axis::kResidual, Axis::kContext),
                          {buffer(attention + "rotary_emb.inv_freq"),
                           vector("layers.{i}.post_attention_layernorm.weight", Axis::kResidual)},
                          linear_with_bias(mlp + "gate_proj", Axis::kIntermediate, Axis::kResidual),
                          linear_with_bias(mlp + "up_proj", Axis::kIntermediate, Axis::kResidual),
                          linear_with_bias(mlp + "down_proj", Axis::kResidual, Axis::kIntermediate),
                          {vector("norm.weight", Axis::kResidual)}}),
          .heads = {causal(architecture)}};
}

/// Query, key and value are one weight, stored [in, out] like all of this architecture.
Family gpt2() {
  return {.model_type = "gpt2",
          .config = {"n_embd", "n_inner", "n_layer", "n_head"},
          .grouped = false,
          .default_intermediate = 4,
          .tied_by_default = true,
          .prefixes = {"transformer.", ""},
          .layer = "h.{i}.",
          .body = joined({{table("wte.weight", Axis::kVocabulary), table("wpe.weight", Axis::kAny)},
                          layer_norm("h.{i}.ln_1"),
                          {buffer("h.{i}.attn.bias"), buffer("h.{i}.attn.masked_bias")},
                          conv1d_with_bias("h.{i}.attn.c_attn", Axis::kResidual, Axis::kQueryKeyValue),
                          conv1d_with_bias("h.{i}.attn.c_proj", Axis::kContext, Axis::kResidual),
                          layer_norm("h.{i}.ln_2"),
                          conv1d_with_bias("h.{i}.mlp.c_fc", Axis::kResidual, Axis::kIntermediate),
                          conv1d_with_bias("h.{i}.mlp.c_proj", Axis::kIntermediate, Axis::kResidual),
                          layer_norm("ln_f")}),
          .heads = {causal("GPT2LMHeadModel")}};
}

/// Normalisation before or after the blocks: the tensors, and what may move, are the same.
Family opt() {
  const std::string layer = "decoder.layers.{i}.", attention = layer + "self_attn.";
  Rules final_norm = layer_norm("decoder.final_layer_norm");
  for (TensorRule& rule : final_norm) rule.required = false;
  Rules norms = joined({layer_norm(layer + "self_attn_layer_norm"), layer_norm(layer + "final_layer_norm")});
  for (TensorRule& rule : norms) rule.required = false;  // layer_norm_elementwise_affine
  return {
      .model_type = "opt",
      .config = {"hidden_size", "ffn_dim", "num_hidden_layers", "num_attention_heads", "word_embed_proj_dim"},
      .grouped = false,
      .default_intermediate = 0,
      .tied_by_default = true,
      .prefixes = {"model.", ""},
      .layer = layer,
      .body = joined({{{"decoder.embed_tokens.weight", {Axis::kVocabulary, Axis::kEmbedding}, Use::kOther},
                       optional(dense("decoder.project_in.weight", Axis::kResidual, Axis::kEmbedding)),
                       optional(dense("decoder.project_out.weight", Axis::kEmbedding, Axis::kResidual)),
                       table("decoder.embed_positions.weight", Axis::kAny)},
                      linear_with_bias(attention + "q_proj", Axis::kQuery, Axis::kResidual),
                      linear_with_bias(attention + "k_proj", Axis::kKey, Axis::kResidual),
                      linear_with_bias(attention + "v_proj", Axis::kValue, Axis::kResidual),
                      linear_with_bias(attention + "out_proj", Axis::kResidual, Axis::kContext),
                      linear_with_bias(layer + "fc1", Axis::kIntermediate, Axis::kResidual),
                      linear_with_bias(layer + "fc2", Axis::kResidual, Axis::kIntermediate),
                      norms,
                      final_norm}),
      .heads = {causal("OPTForCausalLM")}};
}

/// The head of BertForMaskedLM. Its transformation makes channels of its own, which the tied decoder reads
/// with the order of the word embeddings: they move with the residual stream.
Rules bert_predictions() {
  return joined({{dense("cls.predictions.transform.dense.weight", Axis::kResidual, Axis::kResidual),
                  vector("cls.predictions.transform.dense.bias", Axis::kResidual)},
                 layer_norm("cls.predictions.transform.LayerNorm"),
                 {optional(vector("cls.predictions.bias", Axis::kVocabulary)),
                  optional(vector("cls.predictions.decoder.bias", Axis::kVocabulary)),
                  dense("cls.predictions.decoder.weight", Axis::kVocabulary, Axis::kResidual)}});
}

Family bert() {
  const std::string layer = "encoder.layer.{i}.", attention = layer + "attention.";
  const Rules next_sentence = {dense("cls.seq_relationship.weight", Axis::kAny, Axis::kAny),
                               vector("cls.seq_relationship.bias", Axis::kAny)};
  const Rules classifier = {dense("classifier.weight", Axis::kAny, Axis::kAny),
                            vector("classifier.bias", Axis::kAny)};
  const std::string decoder = "cls.predictions.decoder.weight";
  return {
      .model_type = "bert",
      .config = {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"},
      .grouped = false,
      .default_intermediate = 0,
      .tied_by_default = true,
      .prefixes = {"bert.", ""},
      .layer = layer,
      .body = joined(
          {{table("embeddings.word_embeddings.weight", Axis::kVocabulary),
            table("embeddings.position_embeddings.weight", Axis::kAny),
            table("embeddings.token_type_embeddings.weight", Axis::kAny), buffer("embeddings.position_ids")},
           layer_norm("embeddings.LayerNorm"),
           linear_with_bias(attention + "self.query", Axis::kQuery, Axis::kResidual),
           linear_with_bias(attention + "self.key", Axis::kKey, Axis::kResidual),
           linear_with_bias(attention + "self.value", Axis::kValue, Axis::kResidual),
           linear_with_bias(attention + "output.dense", Axis::kResidual, Axis::kContext),
           layer_norm(attention + "output.LayerNorm"),
           linear_with_bias(layer + "intermediate.dense", Axis::kIntermediate, Axis::kResidual),
           linear_with_bias(layer + "output.dense", Axis::kResidual, Axis::kIntermediate),
           layer_norm(layer + "output.LayerNorm"),
           {optional(dense("pooler.dense.weight", Axis::kAny, Axis::kResidual)),
            optional(vector("pooler.dense.bias", Axis::kAny))}}),
      .heads = {{"BertForMaskedLM", bert_predictions(), decoder},
                {"BertLMHeadModel", bert_predictions(), decoder},
                {"BertForPreTraining", joined({bert_predictions(), next_sentence}), decoder},
                {"BertForSequenceClassification", classifier, ""}}};
}

}  // namespace

const std::vector<Family>& all_families() {
  static const std::vector<Family> families = {llama_like("llama", "LlamaForCausalLM"),
                                               llama_like("mistral", "MistralForCausalLM"),
                                               llama_like("qwen2", "Qwen2ForCausalLM"),
                                               gpt2(),
                                               opt(),
                                               bert()};
  return families;
}

}  // namespace nmperm
