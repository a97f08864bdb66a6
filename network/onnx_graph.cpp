// From an ONNX file to the neutral layer graph.
#include <set>

#include "core/error.h"
#include "network/onnx_state.h"

namespace nmperm {
namespace {

/// Names that a subgraph reads from outside: all that it reads and does not define.
void collect_captured(const onnx::GraphProto& graph, std::set<std::string>& names) {
  std::set<std::string> inner;
  for (const auto& input : graph.input()) inner.insert(input.name());
  for (const auto& tensor : graph.initializer()) inner.insert(tensor.name());
  std::set<std::string> read;
  for (const auto& node : graph.node()) {
    for (const auto& name : node.input()) read.insert(name);
    for (const auto& name : node.output()) inner.insert(name);
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) collect_captured(attribute.g(), read);
      for (const auto& sub : attribute.graphs()) collect_captured(sub, read);
    }
  }
  for (const auto& output : graph.output()) read.insert(output.name());
  for (const auto& name : read) {
    if (!name.empty() && inner.count(name) == 0) names.insert(name);
  }
}

Shape shape_of(const onnx::TensorShapeProto& proto) {
  Shape shape;
  for (const auto& dim : proto.dim()) {
    shape.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : kUnknownDimension);
  }
  return shape;
}

class Importer {
 public:
  Importer(const onnx::ModelProto& model, const std::vector<StoredConstant>& constants, std::string path)
      : proto_(model.graph()), path_(std::move(path)) {
    graph_.name = path_;
    graph_.constants = constants;
    replaceable_ = model.ir_version() >= 4;
    for (const auto& opset : model.opset_import()) {
      if (opset.domain().empty() || opset.domain() == "ai.onnx")
        graph_.opset = static_cast<int>(opset.version());
    }
    for (const auto& function : model.functions())
      functions_.insert(function.domain() + "::" + function.name());
  }

  LayerGraph import() {
    for (std::size_t i = 0; i < graph_.constants.size(); ++i) {
      tensor(tensor_id(graph_.constants[i].name)).constant = static_cast<int>(i);
      tensor(tensor_id(graph_.constants[i].name)).type = graph_.constants[i].type;
    }
    for (const auto& input : proto_.input()) {
      const int id = tensor_id(input.name());
      declare(input);
      if (tensor(id).constant >= 0) {
        // Files of IR 3 list every initializer; since then, one that is listed is a default that callers
        // replace.
        tensor(id).graph_input = replaceable_;
        continue;
      }
      if (tensor(id).graph_input) fail_twice(input.name());
      tensor(id).graph_input = true;
    }
    for (const auto& value : proto_.value_info()) declare(value);
    for (const auto& node : proto_.node()) add_node(node);
    for (const auto& output : proto_.output()) {
      declare(output);
      tensor(tensor_id(output.name())).graph_output = true;
    }
    return std::move(graph_);
  }

 private:
  GraphTensor& tensor(int id) { return graph_.tensors[static_cast<std::size_t>(id)]; }

  int tensor_id(const std::string& name) {
    const auto [found, fresh] = ids_.emplace(name, static_cast<int>(graph_.tensors.size()));
    if (fresh) {
      graph_.tensors.emplace_back();
      graph_.tensors.back().name = name;
    }
    return found->second;
  }

  void declare(const onnx::ValueInfoProto& info) {
    if (!info.type().has_tensor_type()) return;
    GraphTensor& declared = tensor(tensor_id(info.name()));
    const auto& type = info.type().tensor_type();
    if (declared.type == ElementType::kOther) declared.type = element_type_of(type.elem_type());
    if (type.has_shape()) declared.declared = shape_of(type.shape());
  }

  [[noreturn]] void fail_twice(const std::string& name) const {
    throw InputError(path_, "tensor '" + name + "'", "is defined twice", "one definition for each name");
  }

  void add_node(const onnx::NodeProto& proto) {
    GraphNode node;
    const bool standard = proto.domain().empty() || proto.domain() == "ai.onnx";
    const bool local = functions_.count(proto.domain() + "::" + proto.op_type()) > 0;
    node.operation = standard && !local ? proto.op_type() : proto.domain() + "::" + proto.op_type();
    const int index = static_cast<int>(graph_.nodes.size());
    for (const auto& name : proto.input()) node.inputs.push_back(name.empty() ? -1 : tensor_id(name));
    for (const auto& name : proto.output()) node.outputs.push_back(name.empty() ? -1 : tensor_id(name));
    node.name = !proto.name().empty() ? proto.name() : proto.output_size() > 0 ? proto.output(0) : "unnamed";
    std::set<std::string> captured;
    for (const auto& attribute : proto.attribute()) {
      add_attribute(attribute, node);
      if (attribute.has_g()) collect_captured(attribute.g(), captured);
      for (const auto& sub : attribute.graphs()) collect_captured(sub, captured);
    }
    for (const auto& name : captured) node.captured.push_back(tensor_id(name));
    if (node.outputs.size() == 1 && node.outputs[0] >= 0 && tensor(node.outputs[0]).constant >= 0) {
      if (proto.op_type() == "Constant") return;  // its tensor is a stored constant already
    }
    for (const int output : node.outputs) {
      if (output < 0) continue;
      GraphTensor& out = tensor(output);
      if (out.producer >= 0 || out.constant >= 0 || out.graph_input) fail_twice(out.name);
      out.producer = index;
    }
    graph_.nodes.push_back(std::move(node));
  }

  static void add_attribute(const onnx::AttributeProto& attribute, GraphNode& node) {
    switch (attribute.type()) {
      case onnx::AttributeProto::INT:
        node.integers[attribute.name()] = attribute.i();
        break;
      case onnx::AttributeProto::FLOAT:
        node.reals[attribute.name()] = static_cast<double>(attribute.f());
        break;
      case onnx::AttributeProto::STRING:
        node.texts[attribute.name()] = attribute.s();
        break;
      case onnx::AttributeProto::INTS:
        node.integer_lists[attribute.name()] = {attribute.ints().begin(), attribute.ints().end()};
        break;
      case onnx::AttributeProto::TENSOR:
        if (const auto values = small_integers(attribute.t()); values && values->size() == 1)
          node.integers[attribute.name()] = values->front();  // as ConstantOfShape has it
        break;
      default:
        break;  // no operation that is understood has others
    }
  }

  const onnx::GraphProto& proto_;
  std::string path_;
  LayerGraph graph_;
  bool replaceable_ = false;
  std::unordered_map<std::string, int> ids_;
  std::set<std::string> functions_;
};

}  // namespace

LayerGraph OnnxModel::layer_graph() const {
  LayerGraph graph = Importer(state_->model, state_->constants, state_->path).import();
  (void)graph.topological_order();  // refuses cycles
  return graph;
}

}  // namespace nmperm
