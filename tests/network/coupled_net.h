// Small networks whose coupling tests look at. A word describes an axis: equal letters are channels that may
// trade places, `.` stands for one that may not.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
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

/// [1, 5, 12] through attention with `shared` key and value heads of 3 channels for 4 query heads; `between`
/// adds operations on the scores [1, 4, 5, 5], where there are any.
inline Net attention(std::int64_t shared,
                     const std::function<std::string(Net&, const std::string&)>& between = {}) {
  Net net;
  net.input("x", {1, 5, 12});
  net.linear("x", "in", 12, 12);
  const auto split = [&](const std::string& name, std::int64_t heads, const Ints& order) {
    net.reshape(net.linear("in", name, 12, heads * 3), name + ".split", {1, 5, heads, 3});
    return net.node("Transpose", {name + ".split"}, name + ".t", {{"perm", order}});
  };
  const auto repeat = [&](const std::string& x, const std::string& name, std::int64_t a, std::int64_t b) {
    if (shared == 4) return x;
    net.node("Unsqueeze", {x, net.integers(name + ".axis", {2})}, name + ".u");
    net.node("Expand", {name + ".u", net.integers(name + ".to", {1, shared, 4 / shared, a, b})}, name + ".e");
    return net.reshape(name + ".e", name + ".all", {1, 4, a, b});
  };
  const std::string q = split("q", 4, {0, 2, 1, 3});
  const std::string k = repeat(split("k", shared, {0, 2, 3, 1}), "k", 3, 5);
  const std::string v = repeat(split("v", shared, {0, 2, 1, 3}), "v", 5, 3);
  net.node("MatMul", {q, k}, "scores");
  net.node("Softmax", {between ? between(net, "scores") : "scores"}, "shares", {{"axis", std::int64_t{-1}}});
  net.node("Transpose", {net.node("MatMul", {"shares", v}, "mixed")}, "back", {{"perm", Ints{0, 2, 1, 3}}});
  net.output(net.linear(net.reshape("back", "joined", {1, 5, 12}), "out", 12, 4));
  return net;
}

class Coupled {
 public:
  explicit Coupled(const Net& net) : model_(net.model()), coupling_(couple(model_.layer_graph())) {}

  std::string word(const std::string& tensor, int axis) const { return word(tensor, axis, coupling_.sets); }
  /// Equal letters: parts of whole groups that may trade places.
  std::string group_word(const std::string& tensor, int axis) const {
    return word(tensor, axis, coupling_.groups);
  }
  /// What moves as one whole group with index i of an axis, of that or another axis: "3 4 5".
  std::string group_of(const std::string& tensor, int axis, int i, const std::string& other,
                       int other_axis) const {
    const int atom = place_of(tensor, axis).first_atom + i;
    const Place& place = place_of(other, other_axis);
    std::set<int> members;
    for (const TradingClasses& set : coupling_.groups) {
      for (std::size_t group = 0; group < set.channels(); ++group) {
        const auto has = [&](const auto& role) { return role[group] == atom; };
        if (std::none_of(set.roles.begin(), set.roles.end(), has)) continue;
        for (const auto& role : set.roles) {
          const int at = role[group] - place.first_atom;
          if (at >= 0 && at < place.atoms()) members.insert(at);
        }
      }
    }
    std::string text;
    for (const int member : members) text += (text.empty() ? "" : " ") + std::to_string(member);
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
  std::string word(const std::string& tensor, int axis, const std::vector<TradingClasses>& sets) const {
    std::string text;
    std::map<int, char> letters;
    const Place& place = place_of(tensor, axis);
    for (std::int64_t i = 0; i < place.atoms(); ++i) {
      const int set = set_of(place.first_atom + static_cast<int>(i), sets);
      if (set >= 0) letters.emplace(set, static_cast<char>('a' + letters.size()));
      text += set < 0 ? '.' : letters.at(set);
    }
    return text;
  }
  static int set_of(int atom, const std::vector<TradingClasses>& sets) {
    for (std::size_t s = 0; s < sets.size(); ++s) {
      for (const auto& role : sets[s].roles) {
        if (std::find(role.begin(), role.end(), atom) != role.end()) return static_cast<int>(s);
      }
    }
    return -1;
  }

  OnnxModel model_;
  Coupling coupling_;
};

}  // namespace nmperm::testing
