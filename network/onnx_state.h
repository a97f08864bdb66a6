// Private to the ONNX reader and writer: the parsed file. The only header that includes protobuf.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop

#include "network/onnx_model.h"

namespace nmperm {

/// Where the bytes of an external tensor lie.
struct ExternalData {
  std::string file;
  std::uint64_t offset = 0, size_bytes = 0;
};

struct OnnxModel::State {
  std::string path;
  onnx::ModelProto model;
  std::vector<onnx::TensorProto*> protos;  ///< of each constant, inside `model`
  std::vector<StoredConstant> constants;
  std::unordered_map<std::string, int> by_name;
  std::map<int, ExternalData> external;
  std::map<int, std::vector<std::byte>> replaced_external;  ///< new bytes of external tensors
};

ElementType element_type_of(int onnx_type);
/// Number of elements; throws InputError on negative or absurd dimensions.
std::uint64_t count_elements(const onnx::TensorProto& tensor, const std::string& path);
bool is_external(const onnx::TensorProto& tensor);
/// Finds and checks the bytes of an external tensor that needs `size_bytes` of them. Throws InputError.
ExternalData locate_external(const onnx::TensorProto& tensor, const std::string& model_path,
                             std::uint64_t size_bytes);
/// The elements of an inline tensor as little-endian bytes.
std::vector<std::byte> inline_bytes(const onnx::TensorProto& tensor, ElementType type);
/// The elements of an inline int32 or int64 tensor of at most one axis and kMaxShapeValues elements.
std::optional<std::vector<std::int64_t>> small_integers(const onnx::TensorProto& tensor);
/// Stores elements the way the tensor stores them now.
void set_inline_bytes(onnx::TensorProto& tensor, ElementType type, const std::vector<std::byte>& bytes);
/// Throws InputError unless the inline tensor holds `count` elements.
void check_inline_size(const onnx::TensorProto& tensor, std::uint64_t count, const std::string& path);

}  // namespace nmperm
