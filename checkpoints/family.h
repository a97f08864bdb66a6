// What is known of an architecture: which channels the axes of its tensors carry. Everything else follows
// from this description: shapes are checked against it, sets are derived from it, tensors are moved by it.
#pragma once

#include <string>
#include <vector>

namespace nmperm {

/// What stands along an axis. Channels of the first group may move, those of the others stay.
enum class Axis {
  kResidual,       ///< hidden_size channels of the residual stream
  kEmbedding,      ///< channels of the word embedding: those of the residual stream unless config.json gives
                   ///< them another number; then they stay
  kIntermediate,   ///< the MLP's inner channels
  kValue,          ///< value heads x head size: channels move inside their head
  kContext,        ///< query heads x head size, as the output projection reads them: a query head's channels
                   ///< move with those of the value head that it shares
  kQueryKeyValue,  ///< three blocks of heads x head size: queries and keys stay, values move
  kQuery,          ///< query heads x head size
  kKey,            ///< key heads x head size
  kVocabulary,     ///< as config.json says, if it does
  kAny             ///< any length
};

/// How N:M looks at a tensor.
enum class Use {
  kLinear,  ///< a weight inside a block: pruned
  kDense,   ///< a weight outside of the blocks (head, pooler): left dense
  kOther    ///< embeddings, norms, biases
};

struct TensorRule {
  std::string name;        ///< "{i}" stands for the number of the layer
  std::vector<Axis> axes;  ///< empty: any shape, nothing moves
  Use use = Use::kOther;
  int input_axis = 1;  ///< of weights: 1 as torch.nn.Linear stores them, 0 for GPT-2's Conv1D
  bool required = true;
  std::string old_name = {};  ///< what older files call it
};

/// A class of the transformers library (`architectures` in config.json) whose outputs do not show the order
/// of the residual stream, with the tensors that it has beside those of the body.
struct Head {
  std::string architecture;
  std::vector<TensorRule> rules;  ///< full names
  std::string tied;               ///< the one that may be absent where embeddings are tied; may be empty
};

/// Names of members of config.json.
struct ConfigNames {
  std::string hidden, intermediate, layers, heads;
  std::string embedding = {};  ///< empty: the word embedding has `hidden` channels
};

struct Family {
  std::string model_type;
  ConfigNames config;
  bool grouped = false;               ///< num_key_value_heads and head_dim are looked at
  int default_intermediate = 0;       ///< times hidden where `intermediate` is absent or null; 0: required
  bool tied_by_default = true;        ///< tie_word_embeddings where config.json is silent
  std::vector<std::string> prefixes;  ///< of all names of the body; the first that fits counts
  std::string layer;                  ///< "layers.{i}.", after the prefix
  std::vector<TensorRule> body;       ///< names after the prefix, those with "{i}" once for each layer
  std::vector<Head> heads;
};

/// llama, mistral, qwen2, gpt2, opt, bert.
const std::vector<Family>& all_families();

}  // namespace nmperm
