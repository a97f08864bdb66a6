#include "network/onnx_model.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "core/error.h"
#include "io/byte_source.h"
#include "network/onnx_state.h"

namespace nmperm {
namespace {

constexpr int kOldestOpset = 7;   // before, elementwise operations broadcast by an attribute
constexpr int kNewestOpset = 25;  // ONNX 1.20
constexpr char kExpectedModel[] = "an ONNX model";

void check_header(const onnx::ModelProto& model, const std::string& path) {
  if (!model.has_graph() || model.ir_version() < 1 || model.graph().node_size() == 0) {
    throw InputError(path, {}, "holds no graph", kExpectedModel);
  }
  const std::string expected = std::to_string(kOldestOpset) + " .. " + std::to_string(kNewestOpset);
  const auto is_standard = [](const auto& item) {
    return item.domain().empty() || item.domain() == "ai.onnx";
  };
  if (std::ranges::none_of(model.opset_import(), is_standard) &&
      std::ranges::any_of(model.graph().node(), is_standard)) {
    throw InputError(path, "opset_import", "names no version of the standard operations", expected);
  }
  for (const auto& opset : model.opset_import()) {
    if (is_standard(opset) && (opset.version() < kOldestOpset || opset.version() > kNewestOpset)) {
      throw InputError(path, "opset_import", "opset " + std::to_string(opset.version()), expected);
    }
  }
}

std::vector<double> few_reals(const onnx::TensorProto& tensor, ElementType type, std::uint64_t count) {
  std::vector<double> values;
  if (count > kMaxScales || is_external(tensor)) return values;
  const std::vector<std::byte> bytes = inline_bytes(tensor, type);
  for (std::size_t i = 0; i < count; ++i) {
    if (type == ElementType::kFloat32) {
      float value = 0;
      std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
      values.push_back(static_cast<double>(value));
    } else if (type == ElementType::kFloat64) {
      double value = 0;
      std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
      values.push_back(value);
    }
  }
  return values;
}

}  // namespace

OnnxModel::OnnxModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
OnnxModel::~OnnxModel() = default;
OnnxModel::OnnxModel(OnnxModel&&) noexcept = default;
OnnxModel& OnnxModel::operator=(OnnxModel&&) noexcept = default;

OnnxModel OnnxModel::read(const std::string& path) {
  std::vector<std::byte> bytes;
  const auto source = open_file(path);
  if (source->size_bytes() > 0x7fffffffU) {
    throw InputError(path, {}, "is larger than 2 GiB", "large tensors as external data");
  }
  bytes.resize(source->size_bytes());
  source->read(0, bytes);
  return parse(bytes, path);
}

OnnxModel OnnxModel::parse(std::span<const std::byte> bytes, const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  if (!state->model.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) {
    throw InputError(path, {}, "is cut off, or no ONNX file", kExpectedModel);
  }
  check_header(state->model, path);
  return with_constants(std::move(state));
}

OnnxModel OnnxModel::clone() const {
  auto copy = std::make_unique<State>();
  copy->path = state_->path;
  copy->model = state_->model;
  copy->replaced_external = state_->replaced_external;
  return with_constants(std::move(copy));
}

OnnxModel OnnxModel::with_constants(std::unique_ptr<State> state) {
  const std::string& path = state->path;
  const auto add = [&](onnx::TensorProto& tensor, const std::string& name) {
    const std::uint64_t count = count_elements(tensor, path);
    StoredConstant constant;
    constant.name = name;
    constant.type = element_type_of(tensor.data_type());
    constant.dims.assign(tensor.dims().begin(), tensor.dims().end());
    const int index = static_cast<int>(state->constants.size());
    if (!is_external(tensor)) {
      check_inline_size(tensor, count, path);
    } else if (const std::size_t element = size_of(constant.type); element > 0) {
      state->external[index] = locate_external(tensor, path, count * element);
    } else {
      throw InputError(path, "tensor '" + name + "'", "external data of an element type that is not read",
                       "floating point, int32 or int64");
    }
    constant.integers = small_integers(tensor);
    constant.reals = few_reals(tensor, constant.type, count);
    if (name.empty() || !state->by_name.emplace(name, index).second) {
      throw InputError(path, "tensor '" + name + "'", name.empty() ? "has no name" : "is defined twice",
                       "one definition for each name");
    }
    state->protos.push_back(&tensor);
    state->constants.push_back(std::move(constant));
  };
  auto& graph = *state->model.mutable_graph();
  for (auto& tensor : *graph.mutable_initializer()) add(tensor, tensor.name());
  for (auto& node : *graph.mutable_node()) {
    if (node.op_type() != "Constant" || node.output_size() != 1 || node.attribute_size() != 1) continue;
    auto& attribute = *node.mutable_attribute(0);
    if (attribute.name() == "value" && attribute.has_t()) add(*attribute.mutable_t(), node.output(0));
  }
  return OnnxModel(std::move(state));
}

const std::string& OnnxModel::path() const {
  return state_->path;
}

int OnnxModel::constant_count() const {
  return static_cast<int>(state_->constants.size());
}

const StoredConstant& OnnxModel::constant(int index) const {
  return state_->constants[static_cast<std::size_t>(index)];
}

int OnnxModel::find_constant(const std::string& name) const {
  const auto found = state_->by_name.find(name);
  return found == state_->by_name.end() ? -1 : found->second;
}

std::vector<std::byte> OnnxModel::constant_bytes(int index) const {
  const auto replaced = state_->replaced_external.find(index);
  if (replaced != state_->replaced_external.end()) return replaced->second;
  const auto external = state_->external.find(index);
  if (external == state_->external.end()) {
    return inline_bytes(*state_->protos[static_cast<std::size_t>(index)], constant(index).type);
  }
  std::vector<std::byte> bytes(external->second.size_bytes);
  open_file(external->second.file)->read(external->second.offset, bytes);
  return bytes;
}

std::span<const std::byte> OnnxModel::raw_view(int index) const {
  const onnx::TensorProto& tensor = *state_->protos[static_cast<std::size_t>(index)];
  if (state_->external.count(index) > 0 || !tensor.has_raw_data()) return {};
  return std::as_bytes(std::span(tensor.raw_data()));
}

namespace {

/// A stream that owns its bytes.
class BufferStream : public ByteStream {
 public:
  BufferStream(std::string name, std::vector<std::byte> bytes)
      : ByteStream(std::move(name), bytes.size()), bytes_(std::move(bytes)) {}

 private:
  void do_read(std::span<std::byte> out) override {
    std::memcpy(out.data(), bytes_.data() + position_, out.size());
    position_ += out.size();
  }

  std::vector<std::byte> bytes_;
  std::size_t position_ = 0;
};

DType stored_type(ElementType type, const std::string& subject) {
  switch (type) {
    case ElementType::kFloat16:
      return DType::kF16;
    case ElementType::kBFloat16:
      return DType::kBF16;
    case ElementType::kFloat32:
      return DType::kF32;
    case ElementType::kFloat64:
      return DType::kF64;
    default:
      throw InputError(subject, {}, "elements that are not floating point",
                       "float16, bfloat16, float or double");
  }
}

}  // namespace

StoredTensor OnnxModel::constant_tensor(int index) const {
  const StoredConstant& stored = constant(index);
  StoredTensor tensor;
  const std::string subject = path() + ":" + stored.name;
  tensor.info.dtype = stored_type(stored.type, subject);
  tensor.info.shape.assign(stored.dims.begin(), stored.dims.end());
  tensor.data = std::make_unique<BufferStream>(subject, constant_bytes(index));
  return tensor;
}

void OnnxModel::replace_constant(int index, std::vector<std::byte> bytes) {
  if (state_->external.count(index) > 0) {
    state_->replaced_external[index] = std::move(bytes);
  } else {
    set_inline_bytes(*state_->protos[static_cast<std::size_t>(index)], constant(index).type, bytes);
  }
}

std::optional<std::string> OnnxModel::metadata(const std::string& key) const {
  for (const auto& entry : state_->model.metadata_props()) {
    if (entry.key() == key) return entry.value();
  }
  return std::nullopt;
}

void OnnxModel::set_metadata(const std::string& key, const std::optional<std::string>& value) {
  auto& entries = *state_->model.mutable_metadata_props();
  for (int i = 0; i < entries.size(); ++i) {
    if (entries[i].key() != key) continue;
    if (value) {
      entries[i].set_value(*value);
    } else {
      entries.DeleteSubrange(i, 1);
    }
    return;
  }
  if (!value) return;
  auto* const entry = entries.Add();
  entry->set_key(key);
  entry->set_value(*value);
}

namespace {

OnnxValue value_of(const onnx::ValueInfoProto& info) {
  OnnxValue value;
  value.name = info.name();
  value.onnx_type = info.type().tensor_type().elem_type();
  for (const auto& dim : info.type().tensor_type().shape().dim()) {
    value.dims.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : kUnknownDimension);
    value.symbols.push_back(dim.dim_param());
  }
  return value;
}

}  // namespace

std::vector<OnnxValue> OnnxModel::inputs() const {
  std::vector<OnnxValue> values;
  for (const auto& input : state_->model.graph().input()) {
    if (find_constant(input.name()) < 0) values.push_back(value_of(input));
  }
  return values;
}

std::vector<OnnxValue> OnnxModel::outputs() const {
  std::vector<OnnxValue> values;
  for (const auto& output : state_->model.graph().output()) values.push_back(value_of(output));
  return values;
}

}  // namespace nmperm
