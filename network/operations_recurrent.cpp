// LSTM, GRU and RNN: a hidden unit moves with its rows in all gates, its column of the recurrent weight, its
// biases and its initial and final states. Directions have hidden units of their own.
#include <algorithm>

#include "network/operation.h"

namespace nmperm {
namespace {

struct Cell {
  std::int64_t gates = 0;
  int states = 0;     ///< inputs from port 5 on: h, for LSTM c as well
  int peepholes = 0;  ///< port 7 of LSTM has so many vectors
};

Cell cell_of(const std::string& name) {
  if (name == "LSTM") return {4, 2, 3};
  if (name == "GRU") return {3, 1, 0};
  return {1, 1, 0};
}

class Recurrence {
 public:
  Recurrence(Operation& operation, Cell cell) : operation_(operation), cell_(cell) {}

  bool follow() {
    for (const int port : {0, 1, 2}) {
      if (!operation_.has(port) || operation_.input(port).rank() != 3) return false;
    }
    const TensorView& r = operation_.input(2);
    directions_ = r.dim(0);
    hidden_ = r.dim(2);
    if (directions_ < 1 || directions_ > 2 || hidden_ < 1 || r.dim(1) != cell_.gates * hidden_) return false;
    if (operation_.node().integer("layout", 0) != 0) return false;
    if (operation_.input(1).dim(0) != directions_ || operation_.input(1).dim(1) != cell_.gates * hidden_)
      return false;
    if (hidden_ > 1 && !labels(2, 2, hidden_, units_)) return false;
    if (hidden_ > 1) {
      if (!tie_gates(1, 1, cell_.gates) || !tie_gates(2, 1, cell_.gates)) return false;
      if (operation_.has(3) && !tie_gates(3, 1, 2 * cell_.gates)) return false;
      if (cell_.peepholes > 0 && operation_.has(7) && !tie_gates(7, 1, cell_.peepholes)) return false;
      for (int state = 0; state < cell_.states; ++state) tie_state(5 + state);
    }
    tie_inputs();
    set_outputs();
    return true;
  }

 private:
  /// Labels [direction][index] of an axis of a stored or computed tensor of `size` elements a direction.
  bool labels(int port, int axis, std::int64_t size, std::vector<Label>& result) const {
    const TensorView& view = operation_.input(port);
    if (view.rank() <= axis || view.dim(axis) != size || view.dim(0) != directions_) return false;
    if (directions_ == 1) {
      const LabelBlock* const block = view.single(axis);
      if (block == nullptr) return false;
      result = block->labels;
      return true;
    }
    if (view.constant < 0 || !view.blocks.empty()) return false;
    for (const Place& place : operation_.coupling().places) {
      if (place.constant != view.constant || place.axis != axis || place.outer_count != directions_) continue;
      result.clear();
      for (std::int64_t i = 0; i < place.atoms(); ++i)
        result.push_back({place.first_atom + static_cast<int>(i), 0});
      return true;
    }
    return false;
  }

  bool tie_gates(int port, int axis, std::int64_t gates) {
    std::vector<Label> rows;
    if (!labels(port, axis, gates * hidden_, rows)) return false;
    for (std::int64_t d = 0; d < directions_; ++d) {
      for (std::int64_t g = 0; g < gates; ++g) {
        for (std::int64_t h = 0; h < hidden_; ++h) {
          operation_.ties().tie(unit(d, h), rows[static_cast<std::size_t>((d * gates + g) * hidden_ + h)],
                                operation_.index(), 2, port, d * 16 + g);
        }
      }
    }
    return true;
  }

  Label unit(std::int64_t d, std::int64_t h) const {
    return units_[static_cast<std::size_t>(d * hidden_ + h)];
  }

  /// An initial state [directions, batch, hidden].
  void tie_state(int port) {
    if (!operation_.has(port) || operation_.input(port).uniform) return;
    const TensorView& state = operation_.input(port);
    const LabelBlock own{directions_ > 1 ? std::vector<int>{0, 2} : std::vector<int>{2}, units_};
    for (const LabelBlock& block : state.blocks) {
      if (block.axes == own.axes && block.labels.size() == own.labels.size()) {
        operation_.tie_all(own.labels, block.labels, 2, port);
        return;
      }
      operation_.pin(block, "initial states of " + operation_.described() + " in another layout");
    }
    operation_.pin(own, operation_.reason_of(state));
  }

  void tie_inputs() {
    const TensorView& x = operation_.input(0);
    const TensorView& w = operation_.input(1);
    for (const int axis : {0, 1}) operation_.pin_axes(x, {axis}, "steps of " + operation_.described());
    if (w.single(2) != nullptr || directions_ == 1) {
      operation_.tie_axes(x.single(2), x, 0, w.single(2), w, 1);
      return;
    }
    LabelBlock columns{{2}, {}};
    for (const Place& place : operation_.coupling().places) {
      if (place.constant != w.constant || place.axis != 2) continue;
      for (std::int64_t i = 0; i < place.atoms(); ++i) {
        columns.labels.push_back({place.first_atom + static_cast<int>(i), 0});
      }
    }
    operation_.tie_axes(x.single(2), x, 0, columns.labels.empty() ? nullptr : &columns, w, 1);
  }

  void set_outputs() {
    const TensorView& x = operation_.input(0);
    for (int port = 0; port < operation_.output_count(); ++port) {
      TensorView& out = operation_.output(port);
      out.known_rank = true;
      out.reason = "steps of " + operation_.described();
      out.dims =
          port == 0 ? Shape{x.dim(0), directions_, x.dim(1), hidden_} : Shape{directions_, x.dim(1), hidden_};
      if (units_.empty()) continue;
      const int first = port == 0 ? 1 : 0, last = port == 0 ? 3 : 2;
      out.blocks.push_back(
          {directions_ > 1 ? std::vector<int>{first, last} : std::vector<int>{last}, units_});
    }
  }

  Operation& operation_;
  Cell cell_;
  std::int64_t directions_ = 1, hidden_ = 1;
  std::vector<Label> units_;
};

bool recurrent(Operation& operation) {
  return Recurrence(operation, cell_of(operation.node().operation)).follow();
}

}  // namespace

bool recurrent_places(const LayerGraph& graph, const GraphNode& reader, int port, int constant,
                      std::vector<Place>& places) {
  const bool known = reader.operation == "LSTM" || reader.operation == "GRU" || reader.operation == "RNN";
  const Shape& dims = graph.constants[static_cast<std::size_t>(constant)].dims;
  if (!known || dims.size() < 2 || dims[0] != 2) return false;
  Place rows;
  rows.axis = 1;
  rows.length = dims[1];
  rows.outer_axis = 0;
  rows.outer_count = 2;
  if (rows.length < 2) return false;
  places = {rows};
  if (port == 3 || port == 7) return dims.size() == 2;
  if ((port != 1 && port != 2) || dims.size() != 3) return false;
  Place columns = rows;
  columns.axis = 2;
  columns.length = dims[2];
  if (port == 1) {  // input channels are common to both directions
    columns.outer_axis = -1;
    columns.outer_count = 1;
  }
  if (columns.length > 1) places.push_back(columns);
  return true;
}

void add_recurrent_operations(OperationTable& table) {
  for (const char* name : {"LSTM", "GRU", "RNN"}) table[name] = recurrent;
}

}  // namespace nmperm
