#include "network/layer_graph.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/topological_sort.hpp>
#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

template <typename Direction>
using BoostGraph = boost::adjacency_list<boost::vecS, boost::vecS, Direction>;

template <typename Visit>
void for_each_input(const GraphNode& node, Visit visit) {
  for (const int tensor : node.inputs) {
    if (tensor >= 0) visit(tensor);
  }
  for (const int tensor : node.captured) visit(tensor);
}

template <typename Direction>
BoostGraph<Direction> node_graph(const LayerGraph& graph) {
  BoostGraph<Direction> edges(graph.nodes.size());
  for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
    for_each_input(graph.nodes[node], [&](int tensor) {
      const int producer = graph.tensors[static_cast<std::size_t>(tensor)].producer;
      if (producer >= 0) boost::add_edge(static_cast<std::size_t>(producer), node, edges);
    });
  }
  return edges;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out + '"';
}

}  // namespace

std::size_t size_of(ElementType type) {
  switch (type) {
    case ElementType::kFloat16:
    case ElementType::kBFloat16:
      return 2;
    case ElementType::kFloat32:
    case ElementType::kInt32:
      return 4;
    case ElementType::kFloat64:
    case ElementType::kInt64:
      return 8;
    case ElementType::kOther:
      break;
  }
  return 0;
}

bool is_floating(ElementType type) {
  return type == ElementType::kFloat16 || type == ElementType::kBFloat16 || type == ElementType::kFloat32 ||
         type == ElementType::kFloat64;
}

std::int64_t GraphNode::integer(const std::string& key, std::int64_t fallback) const {
  const auto found = integers.find(key);
  return found == integers.end() ? fallback : found->second;
}

std::string GraphNode::text(const std::string& key, const std::string& fallback) const {
  const auto found = texts.find(key);
  return found == texts.end() ? fallback : found->second;
}

std::vector<std::int64_t> GraphNode::integer_list(const std::string& key) const {
  const auto found = integer_lists.find(key);
  return found == integer_lists.end() ? std::vector<std::int64_t>{} : found->second;
}

bool GraphNode::has(const std::string& key) const {
  return integers.count(key) + reals.count(key) + texts.count(key) + integer_lists.count(key) > 0;
}

std::vector<int> LayerGraph::topological_order() const {
  std::vector<std::size_t> reversed;
  const auto edges = node_graph<boost::directedS>(*this);
  try {
    boost::topological_sort(edges, std::back_inserter(reversed));
  } catch (const boost::not_a_dag&) {
    throw InputError(name, "graph", "has a cycle", "operations that do not depend on their own results");
  }
  std::vector<int> order;
  for (auto node = reversed.rbegin(); node != reversed.rend(); ++node)
    order.push_back(static_cast<int>(*node));
  // The file's own order, where it is one: reports then follow the file.
  const auto [begin, end] = boost::edges(edges);
  const bool sorted = std::all_of(
      begin, end, [&](const auto& e) { return boost::source(e, edges) < boost::target(e, edges); });
  if (sorted) std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<int> LayerGraph::components() const {
  std::vector<int> component(nodes.size());
  if (!nodes.empty()) boost::connected_components(node_graph<boost::undirectedS>(*this), component.data());
  return component;
}

std::vector<std::vector<int>> LayerGraph::consumers() const {
  std::vector<std::vector<int>> readers(tensors.size());
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    for_each_input(nodes[node], [&](int tensor) {
      auto& list = readers[static_cast<std::size_t>(tensor)];
      if (list.empty() || list.back() != static_cast<int>(node)) list.push_back(static_cast<int>(node));
    });
  }
  return readers;
}

std::string to_dot(const LayerGraph& graph) {
  std::string dot = "digraph network {\n  node [shape=box];\n";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    dot += fmt::format("  n{} [label={}];\n", i, quoted(node.operation + " " + node.name));
  }
  const auto readers = graph.consumers();
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const GraphTensor& tensor = graph.tensors[t];
    if (tensor.constant >= 0) continue;  // parameters would hide the structure
    const std::string id = fmt::format("t{}", t);
    if (tensor.producer < 0) dot += fmt::format("  {} [shape=ellipse, label={}];\n", id, quoted(tensor.name));
    const std::string from = tensor.producer < 0 ? id : fmt::format("n{}", tensor.producer);
    for (const int reader : readers[t]) {
      dot += fmt::format("  {} -> n{} [label={}];\n", from, reader, quoted(tensor.name));
    }
    if (!tensor.graph_output) continue;
    dot += fmt::format("  o{} [shape=ellipse, label={}];\n  {} -> o{};\n", t, quoted(tensor.name), from, t);
  }
  return dot + "}\n";
}

}  // namespace nmperm
