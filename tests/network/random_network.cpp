#include "tests/network/random_network.h"

#include <functional>
#include <utility>
#include <vector>

#include "tests/network/model_builder.h"

namespace nmperm::testing {
namespace {

/// A tensor in the network and its shape: [2, C, H, W], [2, S, C] or [2, C].
struct Value {
  std::string name;
  Dims dims;
};

class NetworkMaker {
 public:
  explicit NetworkMaker(std::uint64_t seed) : builder_(17, seed), rng_(seed, 7) {}

  std::string make() {
    const std::int64_t channels = pick({3, 4, 8});
    const std::int64_t side = pick({4, 6});
    const Value x{builder_.input("x", {2, channels, side, side}), {2, channels, side, side}};
    images_.push_back(conv(x));
    images_.push_back(conv(images_.back()));
    const int steps = 10 + rng_.below(18);
    for (int i = 0; i < steps; ++i) step();
    finish();
    return builder_.bytes();
  }

 private:
  using Rule = std::function<void(NetworkMaker&)>;

  std::int64_t pick(const std::vector<std::int64_t>& values) {
    return values[static_cast<std::size_t>(rng_.below(static_cast<int>(values.size())))];
  }
  bool chance(int of) { return rng_.below(of) == 0; }
  std::string fresh(const std::string& stem) { return stem + std::to_string(count_++); }
  Value& any(std::vector<Value>& values) {
    return values[static_cast<std::size_t>(rng_.below(static_cast<int>(values.size())))];
  }
  Value image() {
    // Recent ones more often: deep networks find more than wide ones.
    return chance(2) ? images_.back() : any(images_);
  }
  Value op(const std::string& name, const std::vector<std::string>& inputs, const Dims& dims,
           const Attributes& attributes = {}) {
    return {builder_.node(name, inputs, fresh(name), attributes), dims};
  }

  Value conv(const Value& x, std::int64_t outputs = 0, std::int64_t groups = 1) {
    if (outputs == 0) outputs = pick({4, 6, 8, 8, 12});
    const std::int64_t kernel = pick({1, 3});
    std::vector<std::string> inputs = {
        x.name, builder_.weight(fresh("w"), {outputs, x.dims[1] / groups, kernel, kernel})};
    if (chance(2)) inputs.push_back(builder_.weight(fresh("b"), {outputs}));
    return op("Conv", inputs, {2, outputs, x.dims[2], x.dims[3]},
              {{"group", groups}, {"pads", std::vector<std::int64_t>(4, kernel / 2)}});
  }

  void convolution() { images_.push_back(conv(image())); }
  void grouped() {
    const Value x = image();
    const std::int64_t groups = x.dims[1] % 4 == 0 ? pick({2, 4}) : x.dims[1] % 2 == 0 ? 2 : 1;
    images_.push_back(conv(x, groups * pick({1, 2, 3}), groups));
  }
  void depthwise() {
    const Value x = image();
    images_.push_back(conv(x, x.dims[1] * pick({1, 1, 2}), x.dims[1]));
  }
  void transposed() {
    const Value x = image();
    std::vector<std::int64_t> choices = {1, x.dims[1]};
    if (x.dims[1] % 2 == 0) choices.push_back(2);
    const std::int64_t groups = pick(choices), each = pick({1, 2, 4});
    images_.push_back(op("ConvTranspose",
                         {x.name, builder_.weight(fresh("w"), {x.dims[1], each, 3, 3}),
                          builder_.weight(fresh("b"), {each * groups})},
                         {2, each * groups, x.dims[2], x.dims[3]},
                         {{"group", groups}, {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}}));
  }
  void normalise() {
    const Value x = image();
    const std::int64_t c = x.dims[1];
    const std::string scale = builder_.weight(fresh("s"), {c}, 1), shift = builder_.weight(fresh("b"), {c});
    if (chance(3)) {
      images_.push_back(op("InstanceNormalization", {x.name, scale, shift}, x.dims));
    } else {
      images_.push_back(
          op("BatchNormalization",
             {x.name, scale, shift, builder_.weight(fresh("m"), {c}), builder_.weight(fresh("v"), {c}, 1.5)},
             x.dims));
    }
  }
  void elementwise() {
    const Value x = image();
    const std::vector<std::string> names = {"Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid",
                                            "Neg",  "Identity",  "Dropout", "PRelu"};
    const std::string& name = names[static_cast<std::size_t>(rng_.below(static_cast<int>(names.size())))];
    std::vector<std::string> inputs = {x.name};
    if (name == "PRelu") inputs.push_back(builder_.weight(fresh("slope"), {x.dims[1], 1, 1}));
    images_.push_back(op(name, inputs, x.dims));
  }
  void constant_arithmetic() {
    const Value x = image();
    const std::vector<Dims> shapes = {{x.dims[1], 1, 1},
                                      {1, x.dims[1], 1, 1},
                                      {1},
                                      {1, 1, x.dims[2], x.dims[3]},
                                      {x.dims[1], x.dims[2], x.dims[3]}};
    const Dims& shape = shapes[static_cast<std::size_t>(rng_.below(5))];
    const std::string constant = builder_.weight(fresh("k"), shape, 0.5);
    const bool first = chance(2);
    images_.push_back(
        op(chance(2) ? "Mul" : "Sub", {first ? constant : x.name, first ? x.name : constant}, x.dims));
  }
  void merge() {
    const Value a = image();
    for (const Value& b : images_) {
      if (b.name == a.name || b.dims != a.dims || chance(3)) continue;
      const std::vector<std::string> names = {"Add", "Mul", "Sub", "Max", "Sum"};
      images_.push_back(op(names[static_cast<std::size_t>(rng_.below(5))], {a.name, b.name}, a.dims));
      return;
    }
    const Value b = conv(a, a.dims[1]);
    images_.push_back(op("Add", {a.name, b.name}, a.dims));
  }
  void concat() {
    const Value a = image();
    for (const Value& b : images_) {
      if (b.dims[2] != a.dims[2] || b.dims[3] != a.dims[3] || a.dims[1] + b.dims[1] > 24 || chance(2))
        continue;
      images_.push_back(op("Concat", {a.name, b.name}, {2, a.dims[1] + b.dims[1], a.dims[2], a.dims[3]},
                           {{"axis", std::int64_t{1}}}));
      return;
    }
  }
  void split() {
    const Value x = image();
    if (x.dims[1] % 2 != 0 || x.dims[1] < 4) return;
    const Dims half = {2, x.dims[1] / 2, x.dims[2], x.dims[3]};
    if (chance(2)) {
      const std::string name =
          builder_.node("Split", {x.name}, fresh("Split"), {{"axis", std::int64_t{1}}}, 2);
      images_.push_back({ModelBuilder::output_of(name, 1), half});
      images_.push_back({name, half});
    } else {
      const std::string starts = builder_.integers(fresh("i"), {chance(2) ? 0 : 1}),
                        ends = builder_.integers(fresh("i"), {1000});
      images_.push_back(
          op("Slice",
             {x.name, starts, ends, builder_.integers(fresh("i"), {1}), builder_.integers(fresh("i"), {2})},
             half));
    }
  }
  void shuffle() {
    const Value x = image();
    if (x.dims[1] % 2 != 0) return;
    const Dims five = {2, 2, x.dims[1] / 2, x.dims[2], x.dims[3]};
    const Value a = op("Reshape", {x.name, builder_.integers(fresh("i"), five)}, five);
    const Value b = op("Transpose", {a.name}, {}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3, 4}}});
    images_.push_back(
        op("Reshape", {b.name, builder_.integers(fresh("i"), {0, -1, x.dims[2], x.dims[3]})}, x.dims));
  }
  void pad() {
    const Value x = image();
    if (x.dims[1] > 12) return;
    const std::int64_t before = pick({0, 2}), after = pick({1, 2, 4});
    images_.push_back(op("Pad",
                         {x.name, builder_.integers(fresh("i"), {0, before, 0, 0, 0, after, 0, 0}),
                          builder_.scalar(fresh("z"), 0.25)},
                         {2, x.dims[1] + before + after, x.dims[2], x.dims[3]}));
  }
  void gather() {
    const Value x = image();
    std::vector<std::int64_t> indices;
    for (std::int64_t i = 0; i < x.dims[1]; ++i) indices.push_back(chance(4) ? i : x.dims[1] - 1 - i);
    images_.push_back(
        op("Gather", {x.name, builder_.integers(fresh("i"), indices)}, x.dims, {{"axis", std::int64_t{1}}}));
  }
  void gate() {
    const Value x = image();
    const Dims one = {2, x.dims[1], 1, 1};
    Value pooled = chance(2) ? op("GlobalAveragePool", {x.name}, one)
                             : op("ReduceMean", {x.name}, one, {{"axes", std::vector<std::int64_t>{2, 3}}});
    const Value hidden = op("Relu", {conv(pooled, 4).name}, {2, 4, 1, 1});
    const Value scale = op("Sigmoid", {conv(hidden, x.dims[1]).name}, one);
    images_.push_back(op("Mul", {scale.name, x.name}, x.dims));
  }
  void symmetric() {
    const Value x = image();
    switch (rng_.below(4)) {
      case 0:
        images_.push_back(op("Softmax", {x.name}, x.dims, {{"axis", std::int64_t{1}}}));
        break;
      case 1: {
        const Value mean = op("ReduceMean", {x.name}, {2, 1, x.dims[2], x.dims[3]},
                              {{"axes", std::vector<std::int64_t>{1}}});
        images_.push_back(op("Sub", {x.name, mean.name}, x.dims));
        break;
      }
      case 2:
        images_.push_back(op("MaxPool", {x.name}, x.dims,
                             {{"kernel_shape", std::vector<std::int64_t>{3, 3}},
                              {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}}));
        break;
      default:
        images_.push_back(op("AveragePool", {x.name}, x.dims,
                             {{"kernel_shape", std::vector<std::int64_t>{3, 3}},
                              {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}}));
    }
  }
  /// Operations that must pin: neighbours matter, or the order of channels does.
  void pinning() {
    const Value x = image();
    if (chance(2)) {
      images_.push_back(op("LRN", {x.name}, x.dims, {{"size", std::int64_t{3}}, {"alpha", 0.5}}));
    } else {
      images_.push_back(op("CumSum", {x.name, builder_.integers(fresh("i"), {1})}, x.dims));
    }
  }
  void space() {
    const Value x = image();
    if (x.dims[1] % 4 == 0 && x.dims[2] <= 6) {
      const Attributes crd = {{"blocksize", std::int64_t{2}},
                              {"mode", std::string(chance(2) ? "CRD" : "DCR")}};
      const Dims grown = {2, x.dims[1] / 4, x.dims[2] * 2, x.dims[3] * 2};
      const Value big = op("DepthToSpace", {x.name}, grown, crd);
      const Value back =
          op("SpaceToDepth", {conv(big, x.dims[1] / 4).name}, x.dims, {{"blocksize", std::int64_t{2}}});
      images_.push_back(back);
    }
  }

  void positions() {
    const Value x = image();
    if (x.dims[2] > 4) return;
    const std::string none = builder_.weight(fresh("roi"), {0});
    const std::string scales = builder_.weight(fresh("scales"), {4}, 0);
    auto& tensor = *builder_.proto().mutable_graph()->mutable_initializer(
        builder_.proto().graph().initializer_size() - 1);
    const float values[] = {1, 1, 2, 2};
    tensor.set_raw_data(values, sizeof values);
    const Value big = op("Resize", {x.name, none, scales}, {2, x.dims[1], x.dims[2] * 2, x.dims[3] * 2});
    images_.push_back(op(
        "AveragePool", {big.name}, x.dims,
        {{"kernel_shape", std::vector<std::int64_t>{2, 2}}, {"strides", std::vector<std::int64_t>{2, 2}}}));
  }
  void tile() {
    const Value x = image();
    if (x.dims[1] > 8) return;
    images_.push_back(op("Tile", {x.name, builder_.integers(fresh("i"), {1, 2, 1, 1})},
                         {2, x.dims[1] * 2, x.dims[2], x.dims[3]}));
  }
  void choose() {
    const Value x = image();
    const Value other = conv(x, x.dims[1]);
    const Value larger = op("Greater", {x.name, other.name}, x.dims);
    images_.push_back(
        op("Where", {larger.name, x.name, builder_.weight(fresh("k"), {x.dims[1], 1, 1})}, x.dims));
  }
  void lengths() {
    const Value x = image();
    switch (rng_.below(3)) {
      case 0:
        images_.push_back(op("LpNormalization", {x.name}, x.dims, {{"axis", std::int64_t{1}}}));
        break;
      case 1: {
        const Value norm =
            op("ReduceL2", {x.name}, {2, 1, x.dims[2], x.dims[3]}, {{"axes", std::vector<std::int64_t>{1}}});
        images_.push_back(op("Mul", {x.name, norm.name}, x.dims));
        break;
      }
      default:
        images_.push_back(op("MeanVarianceNormalization", {x.name}, x.dims,
                             {{"axes", std::vector<std::int64_t>{0, 1, 2, 3}}}));
    }
  }
  /// A gate by way of two dimensions and linear layers, stretched to the image's shape.
  void linear_gate() {
    const Value x = image();
    const std::int64_t c = x.dims[1];
    const Value pooled = op("GlobalMaxPool", {x.name}, {2, c, 1, 1});
    const Value flat = op("Squeeze", {pooled.name, builder_.integers(fresh("i"), {2, 3})}, {2, c});
    const Value hidden = op(
        "Gemm", {flat.name, builder_.weight(fresh("w"), {c, 4}), builder_.weight(fresh("b"), {4})}, {2, 4});
    const Value scale =
        op("Gemm", {op("Relu", {hidden.name}, {2, 4}).name, builder_.weight(fresh("w"), {c, 4})}, {2, c},
           {{"transB", std::int64_t{1}}});
    const Value four = op("Unsqueeze", {scale.name, builder_.integers(fresh("i"), {2, 3})}, {2, c, 1, 1});
    const Value full = op("Expand", {four.name, builder_.integers(fresh("i"), {2, c, 1, 1})}, {2, c, 1, 1});
    images_.push_back(op("Mul", {x.name, op("Sigmoid", {full.name}, full.dims).name}, x.dims));
  }
  /// Products of all pairs of the channels of a part: a square of channels that a linear layer reads.
  void gram() {
    const Value x = sequence();
    const std::int64_t s = x.dims[1], c = x.dims[2];
    const Value turned = op("Transpose", {x.name}, {2, c, s}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
    const Value square = op("MatMul", {turned.name, x.name}, {2, c, c});
    const Value small = op("Mul", {square.name, builder_.scalar(fresh("k"), 0.05)}, square.dims);
    const Value mixed = op("MatMul", {x.name, small.name}, x.dims);
    sequences_.push_back(linear(mixed, c));
  }

  // Sequences [2, S, C].
  Value linear(const Value& x, std::int64_t outputs) {
    Dims dims = x.dims;
    const std::string weight = builder_.weight(fresh("w"), {dims.back(), outputs});
    dims.back() = outputs;
    const Value product = op("MatMul", {x.name, weight}, dims);
    return chance(2) ? product : op("Add", {builder_.weight(fresh("b"), {outputs}), product.name}, dims);
  }
  Value sequence() {
    if (!sequences_.empty() && !chance(3)) return any(sequences_);
    const Value x = image();
    const std::int64_t places = x.dims[2] * x.dims[3];
    const Value flat = op("Reshape", {x.name, builder_.integers(fresh("i"), {2, x.dims[1], places})},
                          {2, x.dims[1], places});
    sequences_.push_back(
        op("Transpose", {flat.name}, {2, places, x.dims[1]}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}}));
    return sequences_.back();
  }
  void layer_norm() {
    const Value x = sequence();
    const std::int64_t c = x.dims[2];
    sequences_.push_back(op("LayerNormalization",
                            {x.name, builder_.weight(fresh("s"), {c}, 1), builder_.weight(fresh("b"), {c})},
                            x.dims));
  }
  void mlp() {
    const Value x = sequence();
    const Value a = linear(x, 8), b = linear(x, 8);
    const Value gated = op("Mul", {op("Sigmoid", {a.name}, a.dims).name, b.name}, a.dims);
    const Value back = linear(gated, x.dims[2]);
    sequences_.push_back(op("Add", {x.name, back.name}, x.dims));
  }
  void attention() {
    const Value x = sequence();
    const std::int64_t s = x.dims[1], heads = 4, shared = pick({4, 2}), d = pick({3, 6});
    const auto project = [&](std::int64_t count, const std::vector<std::int64_t>& order) {
      const Value flat = linear(x, count * d);
      const Value split =
          op("Reshape", {flat.name, builder_.integers(fresh("i"), {0, 0, count, d})}, {2, s, count, d});
      return op("Transpose", {split.name}, {}, {{"perm", order}});
    };
    const auto repeat = [&](const Value& v, const Dims& last) {
      if (shared == heads) return v;
      const Value five = op("Unsqueeze", {v.name, builder_.integers(fresh("i"), {2})}, {});
      const Value wide =
          op("Expand",
             {five.name, builder_.integers(fresh("i"), {2, shared, heads / shared, last[0], last[1]})}, {});
      return op("Reshape", {wide.name, builder_.integers(fresh("i"), {2, heads, last[0], last[1]})}, {});
    };
    const Value q = project(heads, {0, 2, 1, 3});
    const Value k = repeat(project(shared, {0, 2, 3, 1}), {d, s});
    const Value v = repeat(project(shared, {0, 2, 1, 3}), {s, d});
    const auto product = [&](const Value& a, const Value& b) {
      if (!chance(3)) return op("MatMul", {a.name, b.name}, {});
      return op("Einsum", {a.name, b.name}, {}, {{"equation", std::string("nhij, nhjk -> nhik")}});
    };
    const Value shares = op("Softmax", {product(q, k).name}, {}, {{"axis", std::int64_t{-1}}});
    const Value mixed =
        op("Transpose", {product(shares, v).name}, {}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
    const Value flat =
        op("Reshape", {mixed.name, builder_.integers(fresh("i"), {2, s, heads * d})}, {2, s, heads * d});
    const Value out = linear(flat, x.dims[2]);
    sequences_.push_back(op("Add", {out.name, x.name}, x.dims));
  }
  void recurrent() {
    const Value x = sequence();
    const std::vector<std::string> names = {"LSTM", "GRU", "RNN"};
    const auto which = static_cast<std::size_t>(rng_.below(3));
    const std::int64_t gates = std::vector<std::int64_t>{4, 3, 1}[which], hidden = 4,
                       directions = pick({1, 2});
    const Value steps = op("Transpose", {x.name}, {}, {{"perm", std::vector<std::int64_t>{1, 0, 2}}});
    std::vector<std::string> inputs = {steps.name,
                                       builder_.weight(fresh("w"), {directions, gates * hidden, x.dims[2]}),
                                       builder_.weight(fresh("r"), {directions, gates * hidden, hidden})};
    if (chance(2)) {
      inputs.push_back(builder_.weight(fresh("b"), {directions, 2 * gates * hidden}));
      if (directions == 1 && chance(2)) {
        inputs.push_back("");
        inputs.push_back(builder_.weight(fresh("h"), {1, 2, hidden}));
      }
    }
    const std::string direction = directions == 2 ? "bidirectional" : "forward";
    const Value y = op(names[which], inputs, {}, {{"hidden_size", hidden}, {"direction", direction}});
    const Value batch = op("Transpose", {y.name}, {}, {{"perm", std::vector<std::int64_t>{2, 0, 1, 3}}});
    sequences_.push_back(op("Reshape",
                            {batch.name, builder_.integers(fresh("i"), {2, x.dims[1], directions * hidden})},
                            {2, x.dims[1], directions * hidden}));
  }

  void step() {
    static const std::vector<void (NetworkMaker::*)()> kSteps = {
        &NetworkMaker::convolution, &NetworkMaker::convolution,
        &NetworkMaker::grouped,     &NetworkMaker::depthwise,
        &NetworkMaker::transposed,  &NetworkMaker::normalise,
        &NetworkMaker::elementwise, &NetworkMaker::constant_arithmetic,
        &NetworkMaker::merge,       &NetworkMaker::concat,
        &NetworkMaker::split,       &NetworkMaker::shuffle,
        &NetworkMaker::pad,         &NetworkMaker::gather,
        &NetworkMaker::gate,        &NetworkMaker::symmetric,
        &NetworkMaker::pinning,     &NetworkMaker::space,
        &NetworkMaker::layer_norm,  &NetworkMaker::mlp,
        &NetworkMaker::attention,   &NetworkMaker::recurrent,
        &NetworkMaker::positions,   &NetworkMaker::tile,
        &NetworkMaker::choose,      &NetworkMaker::lengths,
        &NetworkMaker::linear_gate, &NetworkMaker::gram};
    (this->*kSteps[static_cast<std::size_t>(rng_.below(static_cast<int>(kSteps.size())))])();
  }

  /// Flattens, pools or passes on what was made last, through a linear layer or as it is.
  void finish() {
    const Value x = images_.back();
    const std::int64_t size = x.dims[1] * x.dims[2] * x.dims[3];
    const Value flat = op("Flatten", {x.name}, {2, size});
    builder_.output(op("Gemm",
                       {flat.name, builder_.weight(fresh("w"), {5, size}), builder_.weight(fresh("b"), {5})},
                       {2, 5}, {{"transB", std::int64_t{1}}})
                        .name);
    const Value other = image();
    builder_.output(chance(3) ? op("Identity", {other.name}, other.dims).name : conv(other, 4).name);
    if (!sequences_.empty()) builder_.output(linear(sequences_.back(), 4).name);
  }

  ModelBuilder builder_;
  Rng rng_;
  std::vector<Value> images_, sequences_;
  int count_ = 0;
};

}  // namespace

std::string random_network(std::uint64_t seed) {
  return NetworkMaker(seed).make();
}

}  // namespace nmperm::testing
