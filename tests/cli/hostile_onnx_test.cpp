// ONNX files with faults: exit code 2, one line that names file and fault, and nothing written.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/cli_fixture.h"
#include "tests/network/model_builder.h"

namespace nmperm::test {
namespace {

using nmperm::testing::ModelBuilder;
using onnx::TensorProto;

ModelBuilder small_model(int opset = 17) {
  ModelBuilder net(opset);
  net.input("x", {1, 16});
  net.node("MatMul", {"x", net.weight("w", {16, 16})}, "h");
  net.output(net.node("MatMul", {"h", net.weight("v", {16, 16})}, "y"));
  return net;
}

TensorProto& first_weight(ModelBuilder& net) {
  return *net.proto().mutable_graph()->mutable_initializer(0);
}

class HostileOnnx : public Cli {
 protected:
  /// All commands that read a network refuse the file in one line and write nothing.
  void expect_refused(const std::string& model, const std::string& fault) const {
    const int files = count_files();
    const std::string name = std::filesystem::path(model).filename();
    const std::vector<std::vector<std::string>> commands = {
        {"apply", model, "--output", path("out.onnx")},
        {"apply", model, "--output", path("out.onnx"), "--prune", "--report", path("report.json")},
        {"apply", model, "--output", path("out.onnx"), "--undo"},
        {"info", model, "--dot", path("graph.dot")},
        {"info", model + ":w"},
        {"verify", model, model}};
    for (const auto& command : commands) {
      SCOPED_TRACE(command[0] + " " + name);
      expect_error(command, 2, {name, fault});
      EXPECT_EQ(count_files(), files);
    }
  }
  void expect_refused(const std::string& name, ModelBuilder& net, const std::string& fault) const {
    expect_refused(write(name, net.bytes()), fault);
  }
};

TEST_F(HostileOnnx, WhatIsNoModel) {
  const std::string whole = small_model().bytes();
  expect_refused(write("empty.onnx", ""), "an ONNX model");
  expect_refused(write("text.onnx", "this is no network\n"), "an ONNX model");
  expect_refused(write("cut.onnx", whole.substr(0, whole.size() / 2)), "an ONNX model");
  expect_refused(write("end.onnx", whole.substr(0, whole.size() - 1)), "an ONNX model");
  expect_refused(path("none.onnx"), "cannot be opened");
  std::filesystem::create_directory(path("folder.onnx"));
  expect_error({"info", path("folder.onnx")}, 2, {"folder.onnx"});
}

TEST_F(HostileOnnx, ExternalDataThatAreMissingShortOrElsewhere) {
  const std::string folder = path("inside");
  std::filesystem::create_directory(folder);
  write("secret.bin", std::string(1024, 'x'));
  write("inside/short.bin", std::string(1023, 'x'));
  const auto refused = [&](const std::string& location, const std::string& fault,
                           const std::string& offset = "0") {
    ModelBuilder net = small_model();
    TensorProto& tensor = first_weight(net);
    tensor.clear_raw_data();
    tensor.set_data_location(TensorProto::EXTERNAL);
    const auto add = [&](const std::string& key, const std::string& value) {
      auto* const entry = tensor.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    };
    add("location", location);
    add("offset", offset);
    const std::string model = write("inside/m.onnx", net.bytes());
    const int files = count_files();
    expect_error({"apply", model, "--output", folder + "/out.onnx"}, 2, {fault});
    expect_error({"info", model}, 2, {fault});
    EXPECT_EQ(count_files(), files);
    EXPECT_FALSE(exists(folder + "/out.onnx"));
    EXPECT_FALSE(exists(folder + "/out.onnx.data"));
  };
  refused("none.bin", "none.bin");
  refused("short.bin", "ends after 1023 bytes");
  refused("short.bin", "ends after 1023 bytes", "18446744073709551615");
  refused("short.bin", "a whole number of bytes", "1e3");
  for (const char* location : {"../secret.bin", "sub/../../secret.bin", "/etc/hostname", ""}) {
    refused(location, "a file inside the model's folder");
  }
  std::filesystem::create_symlink(path("secret.bin"), folder + "/link.bin");
  refused("link.bin", "a file inside the model's folder");
}

TEST_F(HostileOnnx, CyclesAndNamesThatAreDefinedTwice) {
  ModelBuilder cycle = small_model();
  cycle.node("Relu", {"b"}, "a");
  cycle.node("Relu", {"a"}, "b");
  cycle.output("b");
  ModelBuilder itself = small_model();
  itself.node("Add", {"loop", "x"}, "loop");
  ModelBuilder weight = small_model();
  weight.weight("w", {16, 16});
  ModelBuilder node = small_model();
  node.node("Relu", {"x"}, "y");
  ModelBuilder input = small_model();
  input.input("x", {1, 16});
  for (ModelBuilder* net : {&cycle, &itself}) {
    const std::string model = write("cycle.onnx", net->bytes());
    expect_error({"apply", model, "--output", path("out.onnx")}, 2, {"cycle.onnx", "cycle"});
    expect_error({"info", model}, 2, {"cycle.onnx", "cycle"});
  }
  expect_refused("weight.onnx", weight, "'w': is defined twice");
  for (ModelBuilder* net : {&node, &input}) {
    const std::string model = write("twice.onnx", net->bytes());
    expect_error({"apply", model, "--output", path("out.onnx")}, 2, {"twice.onnx", "is defined twice"});
  }
  EXPECT_FALSE(exists(path("out.onnx")));
}

TEST_F(HostileOnnx, TensorsThatDoNotMatchTheirShape) {
  ModelBuilder more = small_model(), negative = small_model(), absurd = small_model(),
               product = small_model(), none = small_model();
  first_weight(more).set_dims(0, 17);
  expect_refused("more.onnx", more, "1024 bytes (expected 1088");
  first_weight(negative).set_dims(0, -16);
  expect_refused("negative.onnx", negative, "dimension -16");
  first_weight(absurd).set_dims(0, INT64_MAX);
  expect_refused("absurd.onnx", absurd, "dimensions that no memory holds");
  for (int i = 0; i < 40; ++i) first_weight(product).add_dims(2);
  expect_refused("product.onnx", product, "dimensions that no memory holds");
  first_weight(none).clear_raw_data();
  expect_refused("none.onnx", none, "0 values (expected 256");
}

TEST_F(HostileOnnx, AbsurdDimensionsOfInputsAreNoReasonToFail) {
  ModelBuilder net = small_model();
  auto& shape =
      *net.proto().mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.mutable_dim(0)->set_dim_value(INT64_MAX);
  const std::string model = write("wide.onnx", net.bytes());
  expect_done({"info", model});
  expect_done({"apply", model, "--output", path("out.onnx"), "--iteration-limit", "1", "--quiet"});
}

TEST_F(HostileOnnx, OpsetsOfTheFutureThePastAndNone) {
  ModelBuilder future = small_model(99), past = small_model(6), none = small_model();
  expect_refused("future.onnx", future, "opset 99");
  expect_refused("past.onnx", past, "opset 6");
  none.proto().clear_opset_import();
  expect_refused("none.onnx", none, "names no version of the standard operations");
}

}  // namespace
}  // namespace nmperm::test
