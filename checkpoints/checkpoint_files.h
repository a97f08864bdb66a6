// The files of a Hugging Face checkpoint: a folder with config.json and one or several .safetensors files,
// which model.safetensors.index.json lists where there are several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "io/byte_source.h"
#include "io/safetensors.h"

namespace nmperm {

/// Longest config.json or index that is read.
inline constexpr std::uint64_t kMaxCheckpointJsonBytes = 64'000'000;

/// One tensor of a checkpoint, not read yet.
struct CheckpointTensor {
  std::string name;
  std::string dtype;  ///< as in the file: "BF16"
  std::vector<std::uint64_t> shape;
  std::size_t shard = 0;
};

/// Headers of all shards; tensors are read one at a time and only when asked for. Reading is thread-safe.
class CheckpointFiles {
 public:
  /// Throws InputError, naming file and place, unless the folder holds a config.json and a whole checkpoint:
  /// every shard that the index names, every tensor in the shard that the index says, and nothing cut short.
  static CheckpointFiles open(const std::string& folder);

  const std::string& folder() const { return folder_; }
  /// "FOLDER/config.json", for errors.
  std::string config_path() const { return folder_ + "/config.json"; }
  const nlohmann::json& config() const { return config_; }
  /// File names of the shards, in the order of their names.
  const std::vector<std::string>& shards() const { return shards_; }
  /// In the order of shards and of their bytes.
  const std::vector<CheckpointTensor>& tensors() const { return tensors_; }
  /// Index of the tensor of this name, or -1.
  int find(const std::string& name) const;

  /// "SHARD:TENSOR", for errors.
  std::string subject(const CheckpointTensor& tensor) const;
  std::vector<std::byte> bytes(const CheckpointTensor& tensor) const;
  std::unique_ptr<ByteStream> stream(const CheckpointTensor& tensor) const;
  /// Throws InputError when its type is not F64, F32, F16 or BF16.
  StoredTensor read(const CheckpointTensor& tensor) const;
  /// What stands before the tensors of a shard: length and header as they are stored.
  std::vector<std::byte> preamble(std::size_t shard) const { return files_[shard].preamble(); }
  /// Names of the other files of the folder that belong to the model (configuration, tokenizer); weights in
  /// other formats are not among them.
  std::vector<std::string> companions() const;

  /// SHA-256 over config.json, the index and all shards. Reads everything: O(size).
  std::string sha256() const;

 private:
  void add_shard(const std::string& name);

  std::string folder_;
  nlohmann::json config_;
  bool indexed_ = false;
  std::vector<std::string> shards_;
  std::vector<std::shared_ptr<const ByteSource>> sources_;
  std::vector<Safetensors> files_;
  std::vector<CheckpointTensor> tensors_;
  std::unordered_map<std::string, int> indices_;
};

/// The index: file of every tensor (member `weight_map`). Throws InputError on anything else, and on a file
/// name with a folder in it. `subject` names it in errors.
std::unordered_map<std::string, std::string> parse_checkpoint_index(const ByteSource& source);

}  // namespace nmperm
