// Writing an ONNX model, and what of it must stay the same.
#include <filesystem>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/sha256.h"
#include "network/onnx_state.h"

namespace nmperm {
namespace {

/// protobuf's view of an AtomicFile.
class AtomicStream : public google::protobuf::io::CopyingOutputStream {
 public:
  explicit AtomicStream(AtomicFile& file) : file_(&file) {}
  bool Write(const void* buffer, int size) override {
    file_->write(std::span(static_cast<const std::byte*>(buffer), static_cast<std::size_t>(size)));
    return true;
  }

 private:
  AtomicFile* file_;
};

void serialise(const onnx::ModelProto& model, AtomicFile& file, const std::string& path) {
  if (model.ByteSizeLong() > 0x7fffffffU) {
    throw InputError(path, {}, "the model would be larger than 2 GiB", "large tensors as external data");
  }
  AtomicStream stream(file);
  google::protobuf::io::CopyingOutputStreamAdaptor adaptor(&stream, 1 << 20);
  google::protobuf::io::CodedOutputStream coded(&adaptor);
  coded.SetSerializationDeterministic(true);
  if (!model.SerializeToCodedStream(&coded)) throw InternalError("the model cannot be serialised");
  coded.Trim();
  adaptor.Flush();
}

void set_external(onnx::TensorProto& tensor, const std::string& key, const std::string& value) {
  for (auto& entry : *tensor.mutable_external_data()) {
    if (entry.key() != key) continue;
    entry.set_value(value);
    return;
  }
  auto* const entry = tensor.add_external_data();
  entry->set_key(key);
  entry->set_value(value);
}

}  // namespace

void OnnxModel::write(const std::string& path) const {
  if (state_->external.empty()) {
    AtomicFile file(path);
    serialise(state_->model, file, path);
    file.commit();
    return;
  }
  constexpr std::uint64_t kAlignment = 4096;  // so that the tensors can be mapped
  const std::string data_path = path + ".data";
  for (const auto& [index, data] : state_->external) {
    std::error_code ignored;
    if (std::filesystem::equivalent(data_path, data.file, ignored)) {
      throw InputError(data_path, {}, "holds the tensors that are read", "another name for the output");
    }
  }
  AtomicFile model_file(path);
  AtomicFile data_file(data_path);
  onnx::ModelProto& model = state_->model;
  std::map<int, onnx::TensorProto> kept;  // references to the old file, put back below
  std::uint64_t offset = 0;
  for (const auto& [index, data] : state_->external) {
    const std::vector<std::byte> bytes = constant_bytes(index);
    const std::uint64_t begin = (offset + kAlignment - 1) / kAlignment * kAlignment;
    data_file.write(std::vector<std::byte>(begin - offset));
    data_file.write(bytes);
    offset = begin + bytes.size();
    onnx::TensorProto& tensor = *state_->protos[static_cast<std::size_t>(index)];
    kept[index] = tensor;
    set_external(tensor, "location", std::filesystem::path(data_path).filename().string());
    set_external(tensor, "offset", std::to_string(begin));
    set_external(tensor, "length", std::to_string(bytes.size()));
  }
  serialise(model, model_file, path);
  for (auto& [index, tensor] : kept) state_->protos[static_cast<std::size_t>(index)]->Swap(&tensor);
  data_file.commit();
  model_file.commit();
}

std::string OnnxModel::skeleton_sha256(const std::string& key) const {
  // Elements are moved out and back: copying a model may take gigabytes.
  struct Elements {
    std::string raw;
    google::protobuf::RepeatedField<float> floats;
    google::protobuf::RepeatedField<double> doubles;
    google::protobuf::RepeatedField<std::int32_t> narrow;
    google::protobuf::RepeatedPtrField<onnx::StringStringEntryProto> external;
    bool has_raw = false;
  };
  std::vector<Elements> moved(state_->protos.size());
  const auto exchange = [&] {
    for (std::size_t i = 0; i < moved.size(); ++i) {
      if (!is_floating(state_->constants[i].type)) continue;
      onnx::TensorProto& tensor = *state_->protos[i];
      const bool has_raw = tensor.has_raw_data();
      tensor.mutable_raw_data()->swap(moved[i].raw);
      if (!moved[i].has_raw && moved[i].raw.empty() && tensor.raw_data().empty()) tensor.clear_raw_data();
      moved[i].has_raw = has_raw;
      tensor.mutable_float_data()->Swap(&moved[i].floats);
      tensor.mutable_double_data()->Swap(&moved[i].doubles);
      tensor.mutable_int32_data()->Swap(&moved[i].narrow);
      tensor.mutable_external_data()->Swap(&moved[i].external);
    }
  };
  exchange();
  google::protobuf::RepeatedPtrField<onnx::StringStringEntryProto> metadata;
  metadata.CopyFrom(state_->model.metadata_props());
  auto& entries = *state_->model.mutable_metadata_props();
  for (int i = entries.size() - 1; i >= 0; --i) {
    if (entries[i].key() == key) entries.DeleteSubrange(i, 1);
  }
  std::string text;
  {
    google::protobuf::io::StringOutputStream stream(&text);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    state_->model.SerializeToCodedStream(&coded);
  }
  exchange();
  entries.Swap(&metadata);
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.hex_digest();
}

}  // namespace nmperm
