// Sizes of a model, from its config.json.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "checkpoints/family.h"

namespace nmperm {

struct ModelShape {
  const Family* family = nullptr;
  const Head* head = nullptr;  ///< null where config.json names no class whose outputs are known
  std::string architecture;    ///< the first that config.json names; may be empty
  int hidden = 0, intermediate = 0, layers = 0;
  int heads = 0, value_heads = 0, head_size = 0;
  int embedding = 0;  ///< channels of the word embedding
  std::optional<int> vocabulary;
  bool tied = false;  ///< the output head is the word embedding

  /// Query heads that share a value head.
  int sharing() const { return heads / value_heads; }
};

/// Throws InputError, naming `subject` and the member, where the type of the model is not known (the known
/// ones are listed), a size is missing, no whole number of a sensible size, or contradicts another.
ModelShape parse_model_shape(const nlohmann::json& config, const std::string& subject);

/// Elements along an axis; null where any number will do.
std::optional<std::int64_t> axis_length(Axis axis, const ModelShape& shape);

}  // namespace nmperm
