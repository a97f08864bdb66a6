#include "checkpoints/checkpoint_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "core/error.h"
#include "instances/json_members.h"
#include "io/json.h"
#include "io/sha256.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kSingle = "model.safetensors";

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

nlohmann::json read_json(const std::string& path, const std::string& kind) {
  const auto source = open_file(path);
  return parse_json(json_text(*source, kMaxCheckpointJsonBytes, kind), path);
}

/// Endings of files that hold the same weights once more, in the order before.
bool holds_weights(const fs::path& name) {
  static constexpr std::array kEndings = {".safetensors", ".bin",  ".pt",   ".pth",  ".h5",
                                          ".msgpack",     ".gguf", ".onnx", ".ckpt", ".data"};
  const std::string ending = name.extension().string();
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end() ||
         name.filename().string().ends_with(".bin.index.json");
}

}  // namespace

std::unordered_map<std::string, std::string> parse_checkpoint_index(const ByteSource& source) {
  const nlohmann::json document =
      parse_json(json_text(source, kMaxCheckpointJsonBytes, "checkpoint index"), source.name());
  const JsonValue map = JsonValue(document, source.name()).at("weight_map");
  std::unordered_map<std::string, std::string> files;
  for (const auto& member : map.object().items()) {
    const JsonValue value = map.at(member.key());
    std::string file = value.text();
    if (!is_plain_name(file)) value.fail("names '" + file + "'", "a file in the folder of the checkpoint");
    files.emplace(member.key(), std::move(file));
  }
  if (files.empty()) map.fail("is empty", "the file of every tensor");
  return files;
}

void CheckpointFiles::add_shard(const std::string& name) {
  shards_.push_back(name);
  sources_.push_back(open_file(folder_ + "/" + name));
  files_.emplace_back(sources_.back());
  for (const SafetensorsEntry& entry : files_.back().entries()) {
    const auto [found, fresh] = indices_.emplace(entry.name, static_cast<int>(tensors_.size()));
    if (!fresh) {
      const std::string& other = shards_[tensors_[static_cast<std::size_t>(found->second)].shard];
      throw InputError(sources_.back()->name(), entry.name, "is in " + other + " too", "every tensor once");
    }
    tensors_.push_back({entry.name, entry.dtype, entry.shape, shards_.size() - 1});
  }
}

CheckpointFiles CheckpointFiles::open(const std::string& folder) {
  CheckpointFiles files;
  files.folder_ = folder;
  while (files.folder_.size() > 1 && files.folder_.back() == '/') files.folder_.pop_back();
  files.config_ = read_json(files.config_path(), "config.json");
  files.indexed_ = !is_file(files.folder_ + "/" + kSingle);
  if (!files.indexed_) {
    files.add_shard(kSingle);
    return files;
  }
  const std::string index = files.folder_ + "/" + kIndex;
  if (!is_file(index)) {
    throw InputError(files.folder_, {}, "holds no weights that can be read",
                     fmt::format("{} or {}", kSingle, kIndex));
  }
  const auto where = parse_checkpoint_index(*open_file(index));
  std::set<std::string> names;
  for (const auto& [tensor, file] : where) names.insert(file);
  for (const std::string& name : names) {
    if (!is_file(files.folder_ + "/" + name)) {
      throw InputError(files.folder_, name, "is missing", fmt::format("every file that {} names", kIndex));
    }
    files.add_shard(name);
  }
  for (const auto& [tensor, file] : where) {
    const int found = files.find(tensor);
    if (found >= 0 && files.shards_[files.tensors_[static_cast<std::size_t>(found)].shard] == file) continue;
    throw InputError(files.folder_ + "/" + file, {}, "holds no tensor '" + tensor + "'",
                     fmt::format("what {} says", kIndex));
  }
  for (const CheckpointTensor& tensor : files.tensors_) {
    if (where.count(tensor.name) > 0) continue;
    throw InputError(index, "weight_map", "has no '" + tensor.name + "'",
                     "every tensor of " + files.shards_[tensor.shard]);
  }
  return files;
}

int CheckpointFiles::find(const std::string& name) const {
  const auto found = indices_.find(name);
  return found == indices_.end() ? -1 : found->second;
}

std::string CheckpointFiles::subject(const CheckpointTensor& tensor) const {
  return sources_[tensor.shard]->name() + ":" + tensor.name;
}

std::vector<std::byte> CheckpointFiles::bytes(const CheckpointTensor& tensor) const {
  return files_[tensor.shard].read_bytes(tensor.name);
}

std::unique_ptr<ByteStream> CheckpointFiles::stream(const CheckpointTensor& tensor) const {
  return files_[tensor.shard].stream(tensor.name);
}

StoredTensor CheckpointFiles::read(const CheckpointTensor& tensor) const {
  return files_[tensor.shard].read(tensor.name);
}

std::vector<std::string> CheckpointFiles::companions() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (!entry.is_regular_file() || holds_weights(entry.path())) continue;
    const std::string name = entry.path().filename().string();
    if (name == kIndex && !indexed_) continue;  // of shards that are not these weights
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string CheckpointFiles::sha256() const {
  Sha256 all;
  const auto add = [&all](const std::string& text) { all.update(std::as_bytes(std::span(text))); };
  add(sha256_of(*open_file(config_path())));
  if (indexed_) add(sha256_of(*open_file(folder_ + "/" + kIndex)));
  for (const auto& source : sources_) add(sha256_of(*source));
  return all.hex_digest();
}

}  // namespace nmperm
