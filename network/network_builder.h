// A network that another importer describes: operations of ONNX over tensors in memory. With it there is one
// graph, one coupling, one search and one proof, whatever a network came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "network/onnx_model.h"

namespace nmperm {

/// Attributes of an operation by name.
using OperationAttributes =
    std::map<std::string, std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>>>;

/// Collects a network piece by piece. Tensors are known by their names; nodes may come in any order. Beside
/// the operations of ONNX (opset 17) there is "torch::per_channel": every channel on axis 1 by itself,
/// whatever happens to the positions on the axes after it. Operations of any other domain are known to nobody
/// and pin what they touch.
class NetworkBuilder {
 public:
  /// `name` stands for the network in errors and reports.
  explicit NetworkBuilder(std::string name);
  ~NetworkBuilder();
  NetworkBuilder(NetworkBuilder&&) noexcept;

  /// kUnknownDimension for dimensions that are open.
  void add_input(const std::string& tensor, ElementType type, const Shape& dims);
  void add_output(const std::string& tensor);
  /// What is known of a tensor that an operation computes.
  void declare(const std::string& tensor, ElementType type, const Shape& dims);
  /// A stored tensor; its elements are copied, little-endian in C order. Throws InputError where their number
  /// does not fit, and for ElementType::kOther.
  void add_constant(const std::string& tensor, ElementType type, const Shape& dims,
                    std::span<const std::byte> elements);
  /// An empty name stands for an absent optional input. `operation` is "Conv", or "domain::Name".
  void add_node(const std::string& operation, const std::string& name, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs, const OperationAttributes& attributes);

  /// The network; the builder is empty afterwards. Throws InputError where a name is defined twice.
  OnnxModel build();

 private:
  std::string name_;
  struct Proto;
  std::unique_ptr<Proto> proto_;
};

}  // namespace nmperm
