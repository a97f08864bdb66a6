#include "tests/network/model_builder.h"

#include <fstream>

namespace nmperm::testing {

ModelBuilder::ModelBuilder(int opset, std::uint64_t seed) : rng_(seed) {
  model_.set_ir_version(8);
  model_.set_producer_name("a test");
  auto* const import = model_.add_opset_import();
  import->set_domain("");
  import->set_version(opset);
  model_.mutable_graph()->set_name("graph");
}

namespace {

void set_type(onnx::ValueInfoProto& value, const Dims& dims, int type) {
  auto* const tensor = value.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  for (const std::int64_t dim : dims) {
    auto* const proto = tensor->mutable_shape()->add_dim();
    if (dim >= 0) proto->set_dim_value(dim);
  }
}

}  // namespace

std::string ModelBuilder::input(const std::string& name, const Dims& dims, int type) {
  auto* const value = model_.mutable_graph()->add_input();
  value->set_name(name);
  set_type(*value, dims, type);
  return name;
}

void ModelBuilder::output(const std::string& name, int type) {
  auto* const value = model_.mutable_graph()->add_output();
  value->set_name(name);
  value->mutable_type()->mutable_tensor_type()->set_elem_type(type);
}

std::string ModelBuilder::weight(const std::string& name, const Dims& dims, double centre) {
  auto* const tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    tensor->add_dims(dim);
    count *= dim;
  }
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(centre + rng_.uniform() - 0.5));
  tensor->set_raw_data(values.data(), values.size() * sizeof(float));
  return name;
}

std::string ModelBuilder::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  auto* const tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor->add_int64_data(value);
  return name;
}

std::string ModelBuilder::scalar(const std::string& name, double value) {
  auto* const tensor = model_.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  tensor->add_float_data(static_cast<float>(value));
  return name;
}

std::string ModelBuilder::node(const std::string& operation, const std::vector<std::string>& inputs,
                               const std::string& name, const Attributes& attributes, int outputs) {
  auto* const node = model_.mutable_graph()->add_node();
  node->set_name(name);
  node->set_op_type(operation);
  for (const std::string& input : inputs) node->add_input(input);
  for (int k = 0; k < outputs; ++k) node->add_output(output_of(name, k));
  for (const auto& [key, value] : attributes) {
    auto* const attribute = node->add_attribute();
    attribute->set_name(key);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      attribute->set_type(onnx::AttributeProto::INT);
      attribute->set_i(*integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
      attribute->set_type(onnx::AttributeProto::FLOAT);
      attribute->set_f(static_cast<float>(*real));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      attribute->set_type(onnx::AttributeProto::STRING);
      attribute->set_s(*text);
    } else {
      attribute->set_type(onnx::AttributeProto::INTS);
      for (const std::int64_t item : std::get<std::vector<std::int64_t>>(value)) attribute->add_ints(item);
    }
  }
  return name;
}

OnnxModel ModelBuilder::model() const {
  return parse(bytes());
}

void ModelBuilder::save(const std::string& path) const {
  std::ofstream(path, std::ios::binary) << bytes();
}

OnnxModel parse(const std::string& bytes, const std::string& path) {
  return OnnxModel::parse(std::as_bytes(std::span(bytes)), path);
}

}  // namespace nmperm::testing
