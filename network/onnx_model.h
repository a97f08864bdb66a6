// An ONNX file: read, tensors replaced, written again with everything else as it was (specification:
// onnx.proto3 of the ONNX project). The only door to protobuf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/tensor.h"
#include "network/layer_graph.h"

namespace nmperm {

/// What the caller of a network must feed, or gets: name, type and shape as declared.
struct OnnxValue {
  std::string name;
  int onnx_type = 0;  ///< TensorProto::DataType
  Shape dims;
  std::vector<std::string> symbols;  ///< name of each open dimension, empty where it has none
};

class OnnxModel {
 public:
  /// Reads a model; external data stay in their files until asked for. Memory: the file's size.
  /// Throws InputError when the file is no ONNX model, is cut, has tensors whose bytes do not match their
  /// shape, names that are defined twice, an opset that is not known, or external data that are missing, too
  /// short, or outside the model's folder.
  static OnnxModel read(const std::string& path);
  /// A model in memory, for instance of a fuzzer; `path` names it in errors and locates external data.
  static OnnxModel parse(std::span<const std::byte> bytes, const std::string& path);

  /// A copy in memory; tensors of external files stay there.
  OnnxModel clone() const;

  ~OnnxModel();
  OnnxModel(OnnxModel&&) noexcept;
  OnnxModel& operator=(OnnxModel&&) noexcept;
  OnnxModel(const OnnxModel&) = delete;
  OnnxModel& operator=(const OnnxModel&) = delete;

  const std::string& path() const;

  /// Nodes, tensors and constants; constant i is stored tensor i of the functions below.
  /// Throws InputError on cyclic graphs.
  LayerGraph layer_graph() const;

  int constant_count() const;
  const StoredConstant& constant(int index) const;
  /// Index of the initializer (or Constant node's tensor) of this name, or -1.
  int find_constant(const std::string& name) const;
  /// Elements as little-endian bytes in C order. Throws InputError when external data cannot be read.
  std::vector<std::byte> constant_bytes(int index) const;
  /// The same without a copy where the file stores them raw, else empty.
  std::span<const std::byte> raw_view(int index) const;
  /// The same elements as a stream (for floating-point types).
  StoredTensor constant_tensor(int index) const;
  /// Replaces all elements of a floating-point constant; the storage keeps its kind (raw, typed, external).
  void replace_constant(int index, std::vector<std::byte> bytes);

  std::optional<std::string> metadata(const std::string& key) const;
  /// Sets, or with nothing removes, an entry of metadata_props.
  void set_metadata(const std::string& key, const std::optional<std::string>& value);

  std::vector<OnnxValue> inputs() const;
  std::vector<OnnxValue> outputs() const;

  /// Writes the model whole or not at all. External tensors go to `path`.data beside it.
  /// Throws InputError when a file cannot be written.
  void write(const std::string& path) const;

  /// SHA-256 of the model without the elements of its constants and without the metadata entry `key`: equal
  /// for two files that differ in nothing else.
  std::string skeleton_sha256(const std::string& key) const;

 private:
  friend class NetworkBuilder;
  struct State;
  explicit OnnxModel(std::unique_ptr<State> state);
  /// Finds the constants of a parsed model.
  static OnnxModel with_constants(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace nmperm
