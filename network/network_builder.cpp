#include "network/network_builder.h"

#include "core/error.h"
#include "network/onnx_state.h"

namespace nmperm {
namespace {

constexpr int kIrVersion = 8, kOpset = 17;

int onnx_type_of(ElementType type) {
  switch (type) {
    case ElementType::kFloat16:
      return onnx::TensorProto::FLOAT16;
    case ElementType::kBFloat16:
      return onnx::TensorProto::BFLOAT16;
    case ElementType::kFloat32:
      return onnx::TensorProto::FLOAT;
    case ElementType::kFloat64:
      return onnx::TensorProto::DOUBLE;
    case ElementType::kInt32:
      return onnx::TensorProto::INT32;
    case ElementType::kInt64:
      return onnx::TensorProto::INT64;
    case ElementType::kOther:
      return onnx::TensorProto::UNDEFINED;
  }
  return onnx::TensorProto::UNDEFINED;
}

void describe(onnx::ValueInfoProto& info, const std::string& tensor, ElementType type, const Shape& dims) {
  info.set_name(tensor);
  auto& tensor_type = *info.mutable_type()->mutable_tensor_type();
  tensor_type.set_elem_type(onnx_type_of(type));
  auto& shape = *tensor_type.mutable_shape();
  for (const std::int64_t dim : dims) {
    auto& added = *shape.add_dim();
    if (dim != kUnknownDimension) added.set_dim_value(dim);
  }
}

struct AttributeSetter {
  onnx::AttributeProto& attribute;
  void operator()(std::int64_t value) const {
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
  }
  void operator()(double value) const {
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(static_cast<float>(value));
  }
  void operator()(const std::string& value) const {
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }
};

}  // namespace

struct NetworkBuilder::Proto {
  onnx::ModelProto model;
};

NetworkBuilder::NetworkBuilder(std::string name) : name_(std::move(name)), proto_(new Proto) {
  proto_->model.set_ir_version(kIrVersion);
  proto_->model.add_opset_import()->set_version(kOpset);
  proto_->model.mutable_graph()->set_name(name_);
}
NetworkBuilder::~NetworkBuilder() = default;
NetworkBuilder::NetworkBuilder(NetworkBuilder&&) noexcept = default;

void NetworkBuilder::add_input(const std::string& tensor, ElementType type, const Shape& dims) {
  describe(*proto_->model.mutable_graph()->add_input(), tensor, type, dims);
}

void NetworkBuilder::add_output(const std::string& tensor) {
  proto_->model.mutable_graph()->add_output()->set_name(tensor);
}

void NetworkBuilder::declare(const std::string& tensor, ElementType type, const Shape& dims) {
  describe(*proto_->model.mutable_graph()->add_value_info(), tensor, type, dims);
}

void NetworkBuilder::add_constant(const std::string& tensor, ElementType type, const Shape& dims,
                                  std::span<const std::byte> elements) {
  if (type == ElementType::kOther) {
    throw InputError(name_, "tensor '" + tensor + "'", "elements of a type that is not stored",
                     "floating point, int32 or int64");
  }
  auto& proto = *proto_->model.mutable_graph()->add_initializer();
  proto.set_name(tensor);
  proto.set_data_type(onnx_type_of(type));
  for (const std::int64_t dim : dims) proto.add_dims(dim);
  proto.set_raw_data(elements.data(), elements.size());
  check_inline_size(proto, count_elements(proto, name_), name_);
}

void NetworkBuilder::add_node(const std::string& operation, const std::string& name,
                              const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
                              const OperationAttributes& attributes) {
  auto& node = *proto_->model.mutable_graph()->add_node();
  const std::size_t domain = operation.find("::");
  if (domain != std::string::npos) node.set_domain(operation.substr(0, domain));
  node.set_op_type(domain == std::string::npos ? operation : operation.substr(domain + 2));
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  for (const auto& [key, value] : attributes) {
    auto& attribute = *node.add_attribute();
    attribute.set_name(key);
    std::visit(AttributeSetter{attribute}, value);
  }
}

OnnxModel NetworkBuilder::build() {
  auto state = std::make_unique<OnnxModel::State>();
  state->path = name_;
  state->model.Swap(&proto_->model);
  return OnnxModel::with_constants(std::move(state));
}

}  // namespace nmperm
