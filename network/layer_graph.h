// A network as a graph of operations: what coupling reads. Knows no file format, so that any importer can
// feed it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nmperm {

/// Element types that matter here: floating point ones can hold weights, integers can hold shapes and
/// indices.
enum class ElementType { kFloat16, kBFloat16, kFloat32, kFloat64, kInt32, kInt64, kOther };

/// Bytes of one element; 0 for kOther.
std::size_t size_of(ElementType type);
bool is_floating(ElementType type);

/// Dimensions of a tensor; kUnknownDimension where a file leaves one open.
using Shape = std::vector<std::int64_t>;
inline constexpr std::int64_t kUnknownDimension = -1;

/// A tensor that the file stores: a parameter, or a small integer that an operation reads as shape or index.
struct StoredConstant {
  std::string name;  ///< the tensor that it defines
  ElementType type = ElementType::kOther;
  Shape dims;
  /// Elements of a 0-D or 1-D integer tensor of at most kMaxShapeValues elements.
  std::optional<std::vector<std::int64_t>> integers;
  /// Elements of a floating-point tensor of at most kMaxScales elements; empty for all others.
  std::vector<double> reals;
};
inline constexpr std::size_t kMaxScales = 8;
inline constexpr std::size_t kMaxShapeValues = 65536;

/// A value that flows between operations.
struct GraphTensor {
  std::string name;
  int constant = -1;  ///< index of the stored constant, or -1
  int producer = -1;  ///< index of the node that computes it, or -1
  bool graph_input = false;
  bool graph_output = false;
  ElementType type = ElementType::kOther;  ///< as declared; kOther where nothing is
  std::optional<Shape> declared;           ///< shape as the file declares it, where it does
};

/// One operation. Tensors are indices into LayerGraph::tensors; -1 stands for an absent optional one.
struct GraphNode {
  std::string name;
  std::string operation;  ///< "Conv"; operations outside the standard set carry their domain: "com.x::Foo"
  std::vector<int> inputs, outputs;
  std::vector<int> captured;  ///< tensors that subgraphs of this node read
  std::map<std::string, std::int64_t> integers;
  std::map<std::string, double> reals;
  std::map<std::string, std::string> texts;
  std::map<std::string, std::vector<std::int64_t>> integer_lists;

  std::int64_t integer(const std::string& key, std::int64_t fallback) const;
  std::string text(const std::string& key, const std::string& fallback) const;
  /// Empty where the attribute is absent.
  std::vector<std::int64_t> integer_list(const std::string& key) const;
  bool has(const std::string& key) const;
};

struct LayerGraph {
  std::string name;
  int opset = 0;  ///< version of the standard operations
  std::vector<GraphTensor> tensors;
  std::vector<GraphNode> nodes;
  std::vector<StoredConstant> constants;

  /// Nodes in an order in which each comes after those that compute its inputs. Throws InputError (subject:
  /// `name`) when the graph has a cycle.
  std::vector<int> topological_order() const;
  /// Component of each node (nodes that exchange tensors are in one), numbered from 0.
  std::vector<int> components() const;
  /// Nodes that read a tensor, captured ones included, ascending.
  std::vector<std::vector<int>> consumers() const;
};

/// The graph in Graphviz' language: nodes with their operation, edges with the tensors' names.
std::string to_dot(const LayerGraph& graph);

}  // namespace nmperm
