#include "checkpoints/model_shape.h"

#include <fmt/format.h>

#include "core/error.h"
#include "io/json.h"

namespace nmperm {
namespace {

/// Sizes beyond these are mistakes.
constexpr std::int64_t kMaxChannels = 1 << 24, kMaxLayers = 10000;

bool has(const JsonValue& config, const std::string& name) {
  return config.object().contains(name) && !config.at(name).is_null();
}

int size_of(const JsonValue& config, const std::string& name, std::int64_t most = kMaxChannels) {
  return static_cast<int>(config.at(name).integer(1, most));
}

const Family& family_of(const JsonValue& config) {
  const JsonValue type = config.at("model_type");
  const std::string name = type.text();
  std::string known;
  for (const Family& family : all_families()) {
    if (family.model_type == name) return family;
    known += (known.empty() ? "" : ", ") + family.model_type;
  }
  type.fail("'" + name + "' is not a known architecture", "one of " + known);
}

void read_heads(const JsonValue& config, ModelShape& shape) {
  const Family& family = *shape.family;
  shape.heads = size_of(config, family.config.heads);
  const bool grouped = family.grouped && has(config, "num_key_value_heads");
  shape.value_heads = grouped ? size_of(config, "num_key_value_heads") : shape.heads;
  if (shape.heads % shape.value_heads != 0) {
    config.at("num_key_value_heads")
        .fail(fmt::format("{} value heads", shape.value_heads),
              fmt::format("a divisor of the {} query heads", shape.heads));
  }
  if (family.grouped && has(config, "head_dim")) {
    shape.head_size = size_of(config, "head_dim");
  } else if (shape.hidden % shape.heads != 0) {
    config.at(family.config.heads)
        .fail(fmt::format("{} heads", shape.heads),
              fmt::format("a divisor of the {} channels", shape.hidden));
  } else {
    shape.head_size = shape.hidden / shape.heads;
  }
  if (static_cast<std::int64_t>(shape.heads) * shape.head_size > kMaxChannels) {
    config.at(family.config.heads).fail("too many channels in all heads", fmt::format("{}", kMaxChannels));
  }
}

void read_architecture(const JsonValue& config, ModelShape& shape) {
  if (!has(config, "architectures")) return;
  const JsonValue names = config.at("architectures");
  if (names.array_size() == 0) return;
  shape.architecture = names.at(std::size_t{0}).text();
  for (const Head& head : shape.family->heads) {
    if (head.architecture == shape.architecture) shape.head = &head;
  }
}

}  // namespace

ModelShape parse_model_shape(const nlohmann::json& document, const std::string& subject) {
  const JsonValue config(document, subject);
  ModelShape shape;
  shape.family = &family_of(config);
  const Family& family = *shape.family;
  shape.hidden = size_of(config, family.config.hidden);
  shape.layers = size_of(config, family.config.layers, kMaxLayers);
  if (family.default_intermediate > 0 && !has(config, family.config.intermediate)) {
    shape.intermediate = family.default_intermediate * shape.hidden;
  } else {
    shape.intermediate = size_of(config, family.config.intermediate);
  }
  read_heads(config, shape);
  const std::string& embedding = family.config.embedding;
  shape.embedding = !embedding.empty() && has(config, embedding) ? size_of(config, embedding) : shape.hidden;
  if (has(config, "vocab_size")) shape.vocabulary = size_of(config, "vocab_size", INT32_MAX);
  shape.tied = has(config, "tie_word_embeddings") ? config.at("tie_word_embeddings").boolean()
                                                  : family.tied_by_default;
  read_architecture(config, shape);
  return shape;
}

std::optional<std::int64_t> axis_length(Axis axis, const ModelShape& shape) {
  const std::int64_t head = shape.head_size;
  switch (axis) {
    case Axis::kResidual:
      return shape.hidden;
    case Axis::kEmbedding:
      return shape.embedding;
    case Axis::kIntermediate:
      return shape.intermediate;
    case Axis::kValue:
    case Axis::kKey:
      return shape.value_heads * head;
    case Axis::kContext:
    case Axis::kQuery:
      return shape.heads * head;
    case Axis::kQueryKeyValue:
      return 3 * shape.heads * head;
    case Axis::kVocabulary:
      return shape.vocabulary;
    case Axis::kAny:
      return std::nullopt;
  }
  throw InternalError("unknown axis");
}

}  // namespace nmperm
