// Small networks whose coupling tests look at. A word describes an axis: equal letters are channels that may
// trade places, `.` stands for one that may not.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

#include "network/coupling.h"
#include "tests/network/model_builder.h"

namespace nmperm::testing {

using Ints = std::vector<std::int64_t>;

/// A model whose coupling is looked at.
class Net : public ModelBuilder {
 public:
  using ModelBuilder::ModelBuilder;

  std::string conv(const std::string& x, const std::string& name, std::int64_t outputs, std::int64_t inputs,
                   std::int64_t groups = 1, std::int64_t kernel = 1) {
    weight(name + ".w", {outputs, inputs / groups, kernel, kernel});
    return node("Conv", {x, name + ".w"}, name, {{"group", groups}, {"pads", Ints(4, kernel / 2)}});
  }
  std::string linear(const std::string& x, const std::string& name, std::int64_t inputs,
                     std::int64_t outputs) {
    return node("MatMul", {x, weight(name + ".w", {inputs, outputs})}, name);
  }
  std::string reshape(const std::string& x, const std::string& name, const Ints& shape) {
    return node("Reshape", {x, integers(name + ".shape", shape)}, name);
  }
};

class Coupled {
 public:
  explicit Coupled(const Net& net) : model_(net.model()), coupling_(couple(model_.layer_graph())) {}

  std::string word(const std::string& tensor, int axis) const {
    std::string text;
    std::map<int, char> letters;
    const Place& place = place_of(tensor, axis);
    for (std::int64_t i = 0; i < place.atoms(); ++i) {
      const int set = set_of(place.first_atom + static_cast<int>(i));
      if (set >= 0) letters.emplace(set, static_cast<char>('a' + letters.size()));
      text += set < 0 ? '.' : letters.at(set);
    }
    return text;
  }
  std::string reason(const std::string& tensor, int axis) const {
    const std::string* const text = coupling_.ties.pinned(place_of(tensor, axis).first_atom);
    return text == nullptr ? "" : *text;
  }
  /// Whether index i of one axis and index j of another move together.
  bool together(const std::string& a, int axis_a, int i, const std::string& b, int axis_b, int j) const {
    const auto members = coupling_.ties.class_of(place_of(a, axis_a).first_atom + i);
    const int other = place_of(b, axis_b).first_atom + j;
    return std::find(members.begin(), members.end(), other) != members.end();
  }
  const Coupling& coupling() const { return coupling_; }

 private:
  const Place& place_of(const std::string& tensor, int axis) const {
    for (const Place& place : coupling_.places) {
      if (place.axis == axis && model_.constant(place.constant).name == tensor) return place;
    }
    throw std::runtime_error("no place for " + tensor);
  }
  int set_of(int atom) const {
    for (std::size_t s = 0; s < coupling_.sets.size(); ++s) {
      for (const auto& role : coupling_.sets[s].roles) {
        if (std::find(role.begin(), role.end(), atom) != role.end()) return static_cast<int>(s);
      }
    }
    return -1;
  }

  OnnxModel model_;
  Coupling coupling_;
};

}  // namespace nmperm::testing
