// What an operation does to channels: one function for each, in a table by name.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "network/coupling.h"
#include "network/layer_graph.h"
#include "network/tensor_view.h"

namespace nmperm {

/// One node while its operation is followed.
class Operation {
 public:
  Operation(const LayerGraph& graph, Coupling& coupling, int node, std::vector<const TensorView*> inputs);

  const GraphNode& node() const { return *node_; }
  int index() const { return index_; }
  int opset() const { return graph_->opset; }
  ChannelTies& ties() const { return coupling_->ties; }
  Coupling& coupling() const { return *coupling_; }
  const StoredConstant& constant(int index) const {
    return graph_->constants[static_cast<std::size_t>(index)];
  }

  int input_count() const { return static_cast<int>(inputs_.size()); }
  bool has(int port) const {
    return port < input_count() && inputs_[static_cast<std::size_t>(port)] != nullptr;
  }
  /// The view of an input that is there.
  const TensorView& input(int port) const { return *inputs_[static_cast<std::size_t>(port)]; }
  /// Where the rank of an input is not known, takes it to be this, all dimensions open.
  void assume_rank(int port, int rank);
  bool has_output(int port) const;
  TensorView& output(int port) { return outputs_[static_cast<std::size_t>(port)]; }
  int output_count() const { return static_cast<int>(outputs_.size()); }

  /// "Conv 'layer1.0.conv1'"
  std::string described() const;
  /// Integers of an input (or of an attribute where the input is absent); null where they are not known.
  std::optional<std::vector<std::int64_t>> integers(int port, const std::string& attribute) const;

  void pin(const LabelBlock& block, const std::string& reason) const;
  void pin_all(const TensorView& view, const std::string& reason) const;
  /// Pins every block that touches one of the axes.
  void pin_axes(const TensorView& view, const std::vector<int>& axes, const std::string& reason) const;
  /// Why the axes of this input do not move.
  std::string reason_of(const TensorView& view) const;

  /// Ties the labels of two lists of equal length, one by one.
  void tie_all(std::span<const Label> a, std::span<const Label> b, int port_a, int port_b,
               std::int64_t position = 0) const;
  /// Ties a block to an axis that may be without labels: then the block is pinned with the axis' reason.
  /// `a` and `b` may be null.
  void tie_axes(const LabelBlock* a, const TensorView& view_a, int port_a, const LabelBlock* b,
                const TensorView& view_b, int port_b) const;
  /// Records that the labels are those of `groups` groups of equal size, one after another, each with a hub:
  /// channels stay in their group, and whole groups may trade places.
  void join_groups(std::span<const Label> labels, int port, int first_hub, std::int64_t groups) const;
  /// Records that labels at different indices of these axes of a block are read apart from each other.
  void mark_positions(const TensorView& view, const LabelBlock& block, int port,
                      const std::vector<int>& axes) const;
  /// Records a use that is symmetric over `axes`: blocks may move inside them only.
  void mark_symmetric(const TensorView& view, int port, const std::vector<int>& axes) const;

  /// Adds a weight that N:M prunes, where the view is a whole stored constant.
  void add_weight(const TensorView& weight, int input_axis, int output_axis);
  void add_weight(int constant, int input_place, std::int64_t input_count, int output_place,
                  std::int64_t output_count);

 private:
  const LayerGraph* graph_;
  Coupling* coupling_;
  const GraphNode* node_;
  int index_;
  std::vector<const TensorView*> inputs_;
  std::map<int, TensorView> assumed_;  // stands for inputs of unknown rank
  std::vector<TensorView> outputs_;
};

/// Fills the views of the outputs and ties what the operation ties. Returns false where this use of the
/// operation is not understood; then everything it touches is pinned.
using OperationRule = bool (*)(Operation&);
using OperationTable = std::map<std::string, OperationRule>;

/// Each adds its family to the table.
void add_elementwise_operations(OperationTable& table);
void add_convolution_operations(OperationTable& table);
void add_linear_operations(OperationTable& table);
void add_einsum_operations(OperationTable& table);
void add_index_operations(OperationTable& table);
void add_reshape_operations(OperationTable& table);
void add_normalisation_operations(OperationTable& table);
void add_reduction_operations(OperationTable& table);
void add_recurrent_operations(OperationTable& table);
void add_resize_operations(OperationTable& table);
/// All of them.
const OperationTable& operation_table();

/// Integers that follow from the file (shapes and what is computed from them): sets `values` of the outputs.
void infer_values(Operation& operation);

/// Places of constants whose axes are permuted in blocks (grouped convolutions, bidirectional recurrences),
/// by constant; the constants of all others get one place for each axis.
std::map<int, std::vector<Place>> blocked_places(const LayerGraph& graph);
/// Whether `reader` permutes a constant at this port in blocks; then in which.
bool convolution_places(const LayerGraph& graph, const GraphNode& reader, int port, int constant,
                        std::vector<Place>& places);
bool recurrent_places(const LayerGraph& graph, const GraphNode& reader, int port, int constant,
                      std::vector<Place>& places);

}  // namespace nmperm
