// Reading and writing: what is not permuted stays to the byte, and what is no model is refused in one line.
#include "network/onnx_model.h"

#include <cstring>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "network/helper_process.h"
#include "network/permutation_record.h"
#include "tests/network/model_builder.h"
#include "tests/support/refusal.h"

namespace nmperm::testing {
namespace {

using onnx::TensorProto;
using ::testing::HasSubstr;

ModelBuilder small_model(int opset = 17) {
  ModelBuilder net(opset);
  net.input("x", {1, 4});
  net.output(net.node("MatMul", {"x", net.weight("w", {4, 4})}, "y"));
  return net;
}

TensorProto& tensor_of(ModelBuilder& net) {
  return *net.proto().mutable_graph()->mutable_initializer(0);
}

std::string refusal_of_model(ModelBuilder& net) {
  return refusal_of([&] { (void)parse(net.bytes()).layer_graph(); });
}

std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::byte> bytes_of(const std::vector<std::uint16_t>& values) {
  std::vector<std::byte> bytes(values.size() * 2);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(OnnxModel, WritesWhatItReadToTheByte) {
  ModelBuilder net = small_model();
  net.proto().set_doc_string("a text");
  net.proto().set_ir_version(99);  // newer than any library knows
  auto* const entry = net.proto().add_metadata_props();
  entry->set_key("k");
  entry->set_value("v");
  // A field of a schema of the future: number 60, a string.
  const std::string bytes = net.bytes() + std::string("\xe2\x03\x03zzz", 6);
  const TemporaryFolder folder;
  parse(bytes).write(folder.path("m.onnx"));
  EXPECT_EQ(file_bytes(folder.path("m.onnx")), bytes);
}

TEST(OnnxModel, MetadataAreAddedReplacedAndRemoved) {
  OnnxModel model = small_model().model();
  EXPECT_EQ(model.metadata("nmperm"), std::nullopt);
  model.set_metadata("nmperm", "1");
  model.set_metadata("nmperm", "2");
  EXPECT_EQ(model.metadata("nmperm"), "2");
  model.set_metadata("nmperm", std::nullopt);
  EXPECT_EQ(model.metadata("nmperm"), std::nullopt);
}

TEST(OnnxModel, ReadsAndReplacesElementsHoweverTheyAreStored) {
  struct Storage {
    int type;
    bool raw;
    std::size_t element;
  };
  for (const Storage& storage : {Storage{TensorProto::FLOAT, true, 4},
                                 {TensorProto::FLOAT, false, 4},
                                 {TensorProto::DOUBLE, false, 8},
                                 {TensorProto::FLOAT16, true, 2},
                                 {TensorProto::FLOAT16, false, 2},
                                 {TensorProto::BFLOAT16, false, 2}}) {
    ModelBuilder net = small_model();
    TensorProto& tensor = tensor_of(net);
    tensor.clear_raw_data();
    tensor.set_data_type(storage.type);
    if (storage.raw) tensor.set_raw_data(std::string(16 * storage.element, 'a'));
    for (int i = 0; i < 16 && !storage.raw; ++i) {
      if (storage.type == TensorProto::FLOAT) tensor.add_float_data(static_cast<float>(i));
      if (storage.type == TensorProto::DOUBLE) tensor.add_double_data(i);
      if (storage.element == 2) tensor.add_int32_data(0x3c00 + i);
    }
    OnnxModel model = net.model();
    const int index = model.find_constant("w");
    auto bytes = model.constant_bytes(index);
    ASSERT_EQ(bytes.size(), 16 * storage.element);
    if (storage.element == 2 && !storage.raw) {
      EXPECT_EQ(std::vector<std::byte>(bytes.begin(), bytes.begin() + 4), bytes_of({0x3c00, 0x3c01}));
    }
    std::reverse(bytes.begin(), bytes.end());
    model.replace_constant(index, bytes);
    EXPECT_EQ(model.constant_bytes(index), bytes);
    const TemporaryFolder folder;
    model.write(folder.path("m.onnx"));
    EXPECT_EQ(OnnxModel::read(folder.path("m.onnx")).constant_bytes(index), bytes);
  }
}

TEST(OnnxModel, TensorsOfConstantNodesAreConstants) {
  ModelBuilder net;
  net.input("x", {1, 4});
  net.node("Constant", {}, "w");
  auto* const attribute = net.proto().mutable_graph()->mutable_node(0)->add_attribute();
  attribute->set_name("value");
  attribute->set_type(onnx::AttributeProto::TENSOR);
  attribute->mutable_t()->set_data_type(TensorProto::FLOAT);
  attribute->mutable_t()->add_dims(4);
  for (int i = 0; i < 4; ++i) attribute->mutable_t()->add_float_data(1);
  net.output(net.node("Mul", {"x", "w"}, "y"));
  const OnnxModel model = net.model();
  ASSERT_GE(model.find_constant("w"), 0);
  EXPECT_EQ(model.layer_graph().nodes.size(), 1U);
}

/// A model whose weight lies in weights.bin, at `offset`.
ModelBuilder external_model(const std::string& location, const std::string& offset = "8",
                            const std::string& length = "64") {
  ModelBuilder net = small_model();
  TensorProto& tensor = tensor_of(net);
  tensor.clear_raw_data();
  tensor.set_data_location(TensorProto::EXTERNAL);
  for (const auto& [key, value] :
       std::map<std::string, std::string>{{"location", location}, {"offset", offset}, {"length", length}}) {
    auto* const entry = tensor.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  return net;
}

TEST(OnnxModel, ExternalDataAreReadPermutedAndWrittenBesideTheModel) {
  const TemporaryFolder folder;
  std::string data(8 + 64, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i);
  std::ofstream(folder.path("weights.bin"), std::ios::binary) << data;
  external_model("weights.bin").save(folder.path("m.onnx"));
  OnnxModel model = OnnxModel::read(folder.path("m.onnx"));
  auto bytes = model.constant_bytes(0);
  ASSERT_EQ(bytes.size(), 64U);
  EXPECT_EQ(bytes[0], std::byte{8});
  std::reverse(bytes.begin(), bytes.end());
  model.replace_constant(0, bytes);
  model.write(folder.path("out.onnx"));
  EXPECT_EQ(OnnxModel::read(folder.path("out.onnx")).constant_bytes(0), bytes);
  EXPECT_EQ(file_bytes(folder.path("weights.bin")), data);
  EXPECT_EQ(model.skeleton_sha256("nmperm"),
            OnnxModel::read(folder.path("out.onnx")).skeleton_sha256("nmperm"));
}

TEST(OnnxModel, ExternalDataOutsideOfTheFolderMissingOrShortAreRefused) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("inside"));
  std::ofstream(folder.path("weights.bin"), std::ios::binary) << std::string(100, 'x');
  std::ofstream(folder.path("inside/short.bin"), std::ios::binary) << std::string(71, 'x');
  std::filesystem::create_symlink(folder.path("weights.bin"), folder.path("inside/link.bin"));
  const auto refusal = [&](ModelBuilder net) {
    net.save(folder.path("inside/m.onnx"));
    return refusal_of([&] { (void)OnnxModel::read(folder.path("inside/m.onnx")); });
  };
  const std::string outside = "a file inside the model's folder";
  EXPECT_THAT(refusal(external_model("../weights.bin")), HasSubstr(outside));
  EXPECT_THAT(refusal(external_model("sub/../../weights.bin")), HasSubstr(outside));
  EXPECT_THAT(refusal(external_model(folder.path("weights.bin"))), HasSubstr(outside));
  EXPECT_THAT(refusal(external_model("link.bin")), HasSubstr(outside));
  EXPECT_THAT(refusal(external_model("")), HasSubstr(outside));
  EXPECT_THAT(refusal(external_model("none.bin")), HasSubstr("none.bin"));
  EXPECT_THAT(refusal(external_model("short.bin")), HasSubstr("ends after 71 bytes"));
  EXPECT_THAT(refusal(external_model("short.bin", "18446744073709551615")), HasSubstr("ends after 71 bytes"));
  EXPECT_THAT(refusal(external_model("short.bin", "0", "60")), HasSubstr("60 bytes of external data"));
  EXPECT_THAT(refusal(external_model("short.bin", "-1")), HasSubstr("a whole number of bytes"));
}

TEST(OnnxModel, WhatIsNoModelIsRefused) {
  const std::string whole = small_model().bytes();
  EXPECT_THAT(refusal_of([&] { (void)parse(whole.substr(0, whole.size() - 3)); }),
              HasSubstr("cut off, or no ONNX file"));
  EXPECT_THAT(refusal_of([&] { (void)parse("PK\x03\x04 something else"); }), HasSubstr("model.onnx"));
  EXPECT_THAT(refusal_of([&] { (void)parse(""); }), HasSubstr("holds no graph"));
  EXPECT_THAT(refusal_of([&] { (void)OnnxModel::read("no/such.onnx"); }), HasSubstr("no/such.onnx"));
}

TEST(OnnxModel, EveryCutIsRefused) {
  const std::string whole = small_model().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(refusal_of([&] { (void)parse(whole.substr(0, size)); }), HasSubstr("model.onnx")) << size;
  }
}

TEST(OnnxModel, FaultsOfTheGraphAreRefused) {
  ModelBuilder cycle = small_model();
  cycle.node("Relu", {"b"}, "a");
  cycle.node("Relu", {"a"}, "b");
  EXPECT_THAT(refusal_of_model(cycle), HasSubstr("cycle"));

  ModelBuilder twice = small_model();
  twice.weight("w", {4, 4});
  EXPECT_THAT(refusal_of_model(twice), HasSubstr("'w': is defined twice"));
  ModelBuilder node_twice = small_model();
  node_twice.node("Relu", {"x"}, "y");
  EXPECT_THAT(refusal_of_model(node_twice), HasSubstr("'y': is defined twice"));
  ModelBuilder shadowed = small_model();
  shadowed.node("Relu", {"x"}, "w");
  EXPECT_THAT(refusal_of_model(shadowed), HasSubstr("'w': is defined twice"));

  ModelBuilder future = small_model(99);
  EXPECT_THAT(refusal_of_model(future), HasSubstr("opset 99"));
  ModelBuilder past = small_model(6);
  EXPECT_THAT(refusal_of_model(past), HasSubstr("opset 6"));
  ModelBuilder none = small_model();
  none.proto().clear_opset_import();
  EXPECT_THAT(refusal_of_model(none), HasSubstr("names no version of the standard operations"));
}

TEST(OnnxModel, TensorsThatDoNotMatchTheirShapeAreRefused) {
  ModelBuilder few = small_model();
  tensor_of(few).set_dims(0, 5);
  EXPECT_THAT(refusal_of_model(few), HasSubstr("64 bytes (expected 80"));
  ModelBuilder negative = small_model();
  tensor_of(negative).set_dims(0, -4);
  EXPECT_THAT(refusal_of_model(negative), HasSubstr("dimension -4"));
  ModelBuilder absurd = small_model();
  tensor_of(absurd).set_dims(0, INT64_MAX);
  EXPECT_THAT(refusal_of_model(absurd), HasSubstr("dimensions that no memory holds"));
  ModelBuilder unnamed = small_model();
  tensor_of(unnamed).set_name("");
  EXPECT_THAT(refusal_of_model(unnamed), HasSubstr("has no name"));
}

TEST(PermutationRecord, SurvivesItsTextAndRefusesWhatDoesNotFit) {
  OnnxModel model = small_model().model();
  PermutationRecord record;
  record.axes = {{"w", 0, -1, 1, 1, {3, 2, 0, 1}}, {"w", 1, 0, 2, 2, {1, 0, 2, 3, 5, 4, 6, 7}}};
  record.pruned = {{"w", 1}};
  model.set_metadata(kRecordKey, to_json(record));
  const auto read = read_record(model);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(to_json(*read), to_json(record));
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = to_json(record);
    text.replace(text.find(from), from.size(), to);
    model.set_metadata(kRecordKey, text);
    return refusal_of([&] { (void)read_record(model); });
  };
  EXPECT_THAT(refused("[3,2,0,1]", "[3,2,0,0]"), HasSubstr("metadata nmperm"));
  EXPECT_THAT(refused("[3,2,0,1]", "[2,0,1]"), HasSubstr("has another length"));
  EXPECT_THAT(refused("[3,2,0,1]", "[3,0,1,2]"), HasSubstr("blocks that do not stay whole"));
  EXPECT_THAT(refused("\"axis\":0", "\"axis\":7"), HasSubstr("has no such axis"));
  EXPECT_THAT(refused("\"tensor\":\"w\"", "\"tensor\":\"v\""), HasSubstr("is not in the model"));
  EXPECT_THAT(refused("\"outer_block\":2", "\"outer_block\":3"), HasSubstr("has other blocks"));
  EXPECT_THAT(refused("[1,0,2,3,5,4,6,7]", "[1,0,2,4,5,3,6,7]"), HasSubstr("metadata nmperm"));
  EXPECT_THAT(refused("{", "["), HasSubstr("metadata nmperm"));
}

}  // namespace
}  // namespace nmperm::testing
