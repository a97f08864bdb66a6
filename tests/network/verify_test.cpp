// What counts as the same function: rounding does, and nothing else.
#include "network/verify.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "network/helper_process.h"
#include "network/last_bits.h"
#include "tests/network/engine.h"
#include "tests/network/model_builder.h"

namespace nmperm::testing {
namespace {

std::vector<float> floats_of(const OnnxModel& model, const std::string& name) {
  const auto bytes = model.constant_bytes(model.find_constant(name));
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// The difference of two products that are nearly equal: rounding is large against it.
OnnxModel cancelling_network() {
  ModelBuilder net;
  net.input("x", {1, 64});
  net.node("MatMul", {"x", net.weight("w1", {64, 256})}, "h");
  net.node("MatMul", {"h", net.weight("w2", {256, 64})}, "a");
  net.node("MatMul", {"h", net.weight("w3", {256, 64})}, "b");
  net.output(net.node("Sub", {"a", "b"}, "y"));
  OnnxModel model = net.model();
  const int w3 = model.find_constant("w3");
  std::vector<float> values = floats_of(model, "w2");
  const std::vector<float> noise = floats_of(model, "w3");
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 3e-3F * noise[i];
  const auto bytes = std::as_bytes(std::span(values));
  model.replace_constant(w3, {bytes.begin(), bytes.end()});
  return model;
}

NumericalProof compare(const InferenceEngine& engine, const OnnxModel& a, const OnnxModel& b,
                       const NumericalOptions& options = {}) {
  const TemporaryFolder folder;
  a.write(folder.path("a.onnx"));
  b.write(folder.path("b.onnx"));
  return compare_outputs(engine, a, folder.path("a.onnx"), b, folder.path("b.onnx"), options);
}

TEST(Verify, ANetworkThatEnlargesRoundingIsStillTheSame) {
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  const OnnxModel model = cancelling_network();
  OnnxModel permuted = model.clone();
  apply_record(permuted, random_record(model, couple(model.layer_graph()), 1));
  NumericalOptions strict;
  strict.tolerance = 1e-5;
  ASSERT_FALSE(compare(*engine, model, permuted, strict).equal) << "the network does not enlarge rounding";
  const NumericalProof proof = compare(*engine, model, permuted);
  EXPECT_TRUE(proof.equal);
  ASSERT_TRUE(proof.max_abs_rounding.has_value());
  EXPECT_GT(*proof.max_abs_rounding, 0);

  OnnxModel wrong = model.clone();  // one weight by a hundredth
  auto bytes = wrong.constant_bytes(wrong.find_constant("w2"));
  float weight = 0;
  std::memcpy(&weight, bytes.data(), sizeof weight);
  weight += 0.01F;
  std::memcpy(bytes.data(), &weight, sizeof weight);
  wrong.replace_constant(wrong.find_constant("w2"), bytes);
  EXPECT_FALSE(compare(*engine, model, wrong).equal);
}

TEST(LastBits, ChangeNoElementByMoreThanItsLastBit) {
  const OnnxModel model = cancelling_network();
  const OnnxModel changed = with_last_bits_changed(model, 1);
  const std::vector<float> before = floats_of(model, "w2"), after = floats_of(changed, "w2");
  std::size_t different = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_LE(std::fabs(before[i] - after[i]),
              std::nextafter(std::fabs(before[i]), 2.0F) - std::fabs(before[i]));
    different += before[i] != after[i] ? 1 : 0;
  }
  EXPECT_GT(different, before.size() / 3);
  EXPECT_LT(different, before.size() * 2 / 3);
}

TEST(LastBits, LeaveZerosInfinitiesVectorsAndIntegers) {
  ModelBuilder net;
  net.input("x", {1, 4});
  net.node("MatMul", {"x", net.weight("w", {4, 4})}, "h");
  net.node("Add", {"h", net.weight("exponents", {4})}, "y");
  net.output(net.node("Reshape", {"y", net.integers("shape", {2, 2})}, "z"));
  std::vector<float> values(16, 0);
  values[3] = INFINITY;
  values[5] = -INFINITY;
  net.proto().mutable_graph()->mutable_initializer(0)->set_raw_data(values.data(), 64);
  const OnnxModel model = net.model(), changed = with_last_bits_changed(model, 1);
  for (int index = 0; index < model.constant_count(); ++index) {
    EXPECT_EQ(model.constant_bytes(index), changed.constant_bytes(index)) << model.constant(index).name;
  }
}

/// Weights stored as bfloat16 and widened for the product, as engines without bfloat16 products need it.
ModelBuilder bfloat16_network() {
  ModelBuilder net;
  net.input("x", {1, 16});
  const auto widened = [&](const std::string& name, const Dims& dims) {
    net.weight(name, dims);
    auto& tensor =
        *net.proto().mutable_graph()->mutable_initializer(net.proto().graph().initializer_size() - 1);
    std::string halves;  // of little-endian floats, the upper two bytes
    for (std::size_t at = 0; at < tensor.raw_data().size(); at += 4)
      halves += tensor.raw_data().substr(at + 2, 2);
    tensor.set_data_type(onnx::TensorProto::BFLOAT16);
    tensor.set_raw_data(halves);
    return net.node("Cast", {name}, name + ".wide", {{"to", std::int64_t{onnx::TensorProto::FLOAT}}});
  };
  net.node("MatMul", {"x", widened("w1", {16, 32})}, "a");
  net.node("Relu", {net.node("Add", {"a", widened("b1", {32})}, "s")}, "h");
  net.node("Gemm", {"h", widened("w2", {24, 32}), widened("b2", {24})}, "c", {{"transB", std::int64_t{1}}});
  net.output(net.node("MatMul", {"c", widened("w3", {24, 8})}, "y"));
  return net;
}

TEST(Verify, WeightsInBfloat16ArePermutedAndTheFunctionStays) {
  const OnnxModel model = bfloat16_network().model();
  const Coupling coupling = couple(model.layer_graph());
  ASSERT_EQ(coupling.weights.size(), 3U);
  const PermutationRecord record = random_record(model, coupling, 1);
  EXPECT_EQ(record.axes.size(), 6U);  // both sides of the two layers' channels, and their biases
  OnnxModel permuted = model.clone();
  apply_record(permuted, record);
  EXPECT_NE(permuted.constant_bytes(permuted.find_constant("w2")),
            model.constant_bytes(model.find_constant("w2")));
  EXPECT_TRUE(compare_structure(model, permuted).equal);
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  NumericalOptions strict;  // the products are in float
  strict.tolerance = 1e-5;
  const NumericalProof proof = compare(*engine, model, permuted, strict);
  EXPECT_TRUE(proof.equal) << proof.max_abs_difference;
  EXPECT_GT(proof.max_abs_output, 0);

  OnnxModel wrong = model.clone();
  PermutationRecord part = record;
  part.axes.pop_back();
  apply_record(wrong, part);
  EXPECT_FALSE(compare(*engine, model, wrong).equal);
}

}  // namespace
}  // namespace nmperm::testing
