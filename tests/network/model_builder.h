// ONNX models for tests, built with the schema itself: shares no code with the reader.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop

#include "core/rng.h"
#include "network/onnx_model.h"

namespace nmperm::testing {

using Dims = std::vector<std::int64_t>;
using Attribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>>;
using Attributes = std::map<std::string, Attribute>;

class ModelBuilder {
 public:
  explicit ModelBuilder(int opset = 17, std::uint64_t seed = 1);

  /// A graph input or output; dimension -1 is open.
  std::string input(const std::string& name, const Dims& dims, int type = onnx::TensorProto::FLOAT);
  void output(const std::string& name, int type = onnx::TensorProto::FLOAT);

  /// A float32 initializer of random elements around 0, or around `centre`.
  std::string weight(const std::string& name, const Dims& dims, double centre = 0);
  std::string integers(const std::string& name, const std::vector<std::int64_t>& values);
  std::string scalar(const std::string& name, double value);

  /// One node; returns the name of its first output (`name`).
  std::string node(const std::string& operation, const std::vector<std::string>& inputs,
                   const std::string& name, const Attributes& attributes = {}, int outputs = 1);
  /// The name of output k of a node with several.
  static std::string output_of(const std::string& name, int k) {
    return k == 0 ? name : name + ":" + std::to_string(k);
  }

  onnx::ModelProto& proto() { return model_; }
  std::string bytes() const { return model_.SerializeAsString(); }
  OnnxModel model() const;
  void save(const std::string& path) const;

 private:
  onnx::ModelProto model_;
  Rng rng_;
};

/// Parses bytes as a model named "model.onnx".
OnnxModel parse(const std::string& bytes, const std::string& path = "model.onnx");

}  // namespace nmperm::testing
