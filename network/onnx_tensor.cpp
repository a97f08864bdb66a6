// Elements of ONNX tensors: inline (raw or typed) and external.
#include <bit>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "core/error.h"
#include "io/byte_source.h"
#include "network/onnx_state.h"

namespace nmperm {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX stores little-endian elements");

constexpr std::uint64_t kMostElements = std::uint64_t{1} << 40;

std::string place_of(const onnx::TensorProto& tensor) {
  return "tensor '" + tensor.name() + "'";
}

template <typename Field>
std::vector<std::byte> copy_field(const Field& field) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(field.size()) * sizeof(*field.data()));
  if (!bytes.empty()) std::memcpy(bytes.data(), field.data(), bytes.size());
  return bytes;
}

template <typename Field>
void fill_field(Field* field, const std::vector<std::byte>& bytes) {
  if (!bytes.empty()) std::memcpy(field->mutable_data(), bytes.data(), bytes.size());
}

std::uint64_t parse_number(const std::string& text, const std::string& path, const std::string& place) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size()) {
    throw InputError(path, place, "external data at '" + text + "'", "a whole number of bytes");
  }
  return value;
}

/// Bytes of an element of any ONNX type that can be stored raw; 0 for strings and types not known.
std::uint64_t stored_bytes(int onnx_type) {
  using onnx::TensorProto;
  switch (onnx_type) {
    case TensorProto::BOOL:
    case TensorProto::INT8:
    case TensorProto::UINT8:
      return 1;
    case TensorProto::INT16:
    case TensorProto::UINT16:
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      return 2;
    case TensorProto::INT32:
    case TensorProto::UINT32:
    case TensorProto::FLOAT:
      return 4;
    case TensorProto::INT64:
    case TensorProto::UINT64:
    case TensorProto::DOUBLE:
    case TensorProto::COMPLEX64:
      return 8;
    case TensorProto::COMPLEX128:
      return 16;
    default:
      return 0;
  }
}

/// Number of values in the typed field that belongs to the type.
std::uint64_t typed_values(const onnx::TensorProto& tensor) {
  using onnx::TensorProto;
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      return static_cast<std::uint64_t>(tensor.float_data_size());
    case TensorProto::DOUBLE:
      return static_cast<std::uint64_t>(tensor.double_data_size());
    case TensorProto::INT64:
      return static_cast<std::uint64_t>(tensor.int64_data_size());
    case TensorProto::UINT32:
    case TensorProto::UINT64:
      return static_cast<std::uint64_t>(tensor.uint64_data_size());
    case TensorProto::STRING:
      return static_cast<std::uint64_t>(tensor.string_data_size());
    case TensorProto::COMPLEX64:
      return static_cast<std::uint64_t>(tensor.float_data_size()) / 2;
    case TensorProto::COMPLEX128:
      return static_cast<std::uint64_t>(tensor.double_data_size()) / 2;
    default:
      return static_cast<std::uint64_t>(tensor.int32_data_size());
  }
}

}  // namespace

ElementType element_type_of(int onnx_type) {
  using onnx::TensorProto;
  switch (onnx_type) {
    case TensorProto::FLOAT16:
      return ElementType::kFloat16;
    case TensorProto::BFLOAT16:
      return ElementType::kBFloat16;
    case TensorProto::FLOAT:
      return ElementType::kFloat32;
    case TensorProto::DOUBLE:
      return ElementType::kFloat64;
    case TensorProto::INT32:
      return ElementType::kInt32;
    case TensorProto::INT64:
      return ElementType::kInt64;
    default:
      return ElementType::kOther;
  }
}

bool is_external(const onnx::TensorProto& tensor) {
  return tensor.data_location() == onnx::TensorProto::EXTERNAL;
}

std::uint64_t count_elements(const onnx::TensorProto& tensor, const std::string& path) {
  std::uint64_t count = 1;
  for (const std::int64_t dim : tensor.dims()) {
    if (dim < 0) throw InputError(path, place_of(tensor), "dimension " + std::to_string(dim), "0 or more");
    const auto size = static_cast<std::uint64_t>(dim);
    if (size != 0 && count > kMostElements / size) {
      throw InputError(path, place_of(tensor), "dimensions that no memory holds", "at most 2^40 elements");
    }
    count *= size;
  }
  return count;
}

void check_inline_size(const onnx::TensorProto& tensor, std::uint64_t count, const std::string& path) {
  const std::uint64_t element = stored_bytes(tensor.data_type());
  const bool raw = tensor.has_raw_data() && (element > 0 || tensor.raw_data().size() > 0);
  if (element == 0 && tensor.data_type() != onnx::TensorProto::STRING) return;  // a type of the future
  const std::uint64_t held = raw ? tensor.raw_data().size() : typed_values(tensor);
  const std::uint64_t wanted = raw ? count * element : count;
  if (held == wanted) return;
  throw InputError(path, place_of(tensor), std::to_string(held) + (raw ? " bytes" : " values"),
                   std::to_string(wanted) + ", as its shape says");
}

std::vector<std::byte> inline_bytes(const onnx::TensorProto& tensor, ElementType type) {
  if (tensor.has_raw_data()) {
    const auto* const data = reinterpret_cast<const std::byte*>(tensor.raw_data().data());
    return {data, data + tensor.raw_data().size()};
  }
  switch (type) {
    case ElementType::kFloat32:
      return copy_field(tensor.float_data());
    case ElementType::kFloat64:
      return copy_field(tensor.double_data());
    case ElementType::kInt64:
      return copy_field(tensor.int64_data());
    case ElementType::kInt32:
      return copy_field(tensor.int32_data());
    case ElementType::kFloat16:
    case ElementType::kBFloat16: {
      std::vector<std::byte> bytes;
      bytes.reserve(static_cast<std::size_t>(tensor.int32_data_size()) * 2);
      for (const std::int32_t value : tensor.int32_data()) {
        bytes.push_back(static_cast<std::byte>(value & 0xff));
        bytes.push_back(static_cast<std::byte>((value >> 8) & 0xff));
      }
      return bytes;
    }
    case ElementType::kOther:
      break;
  }
  return {};
}

std::optional<std::vector<std::int64_t>> small_integers(const onnx::TensorProto& tensor) {
  const ElementType type = element_type_of(tensor.data_type());
  if ((type != ElementType::kInt32 && type != ElementType::kInt64) || tensor.dims_size() > 1 ||
      is_external(tensor)) {
    return std::nullopt;
  }
  const std::vector<std::byte> bytes = inline_bytes(tensor, type);
  std::vector<std::int64_t> values(bytes.size() / size_of(type));
  if (values.size() > kMaxShapeValues) return std::nullopt;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int32_t narrow = 0;
    if (type == ElementType::kInt64) {
      std::memcpy(&values[i], bytes.data() + i * 8, 8);
    } else {
      std::memcpy(&narrow, bytes.data() + i * 4, 4);
      values[i] = narrow;
    }
  }
  return values;
}

void set_inline_bytes(onnx::TensorProto& tensor, ElementType type, const std::vector<std::byte>& bytes) {
  if (tensor.has_raw_data()) {
    // set_raw_data() would hold the elements twice for a while.
    tensor.mutable_raw_data()->assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  } else if (type == ElementType::kFloat32) {
    fill_field(tensor.mutable_float_data(), bytes);
  } else if (type == ElementType::kFloat64) {
    fill_field(tensor.mutable_double_data(), bytes);
  } else {
    for (int i = 0; i < tensor.int32_data_size(); ++i) {
      const auto at = static_cast<std::size_t>(i) * 2;
      tensor.set_int32_data(i, std::to_integer<int>(bytes[at]) | (std::to_integer<int>(bytes[at + 1]) << 8));
    }
  }
}

ExternalData locate_external(const onnx::TensorProto& tensor, const std::string& model_path,
                             std::uint64_t size_bytes) {
  namespace fs = std::filesystem;
  std::string location;
  ExternalData data;
  std::uint64_t length = size_bytes;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") data.offset = parse_number(entry.value(), model_path, place_of(tensor));
    if (entry.key() == "length") length = parse_number(entry.value(), model_path, place_of(tensor));
  }
  const fs::path relative(location);
  const fs::path folder = fs::path(model_path).parent_path();
  const auto outside = [&] {
    return InputError(model_path, place_of(tensor), "external data in '" + location + "'",
                      "a file inside the model's folder");
  };
  if (location.empty() || relative.is_absolute()) throw outside();
  for (const auto& part : relative) {
    if (part == "..") throw outside();
  }
  std::error_code error;
  const fs::path root = fs::weakly_canonical(folder.empty() ? fs::path(".") : folder, error);
  const fs::path file = fs::weakly_canonical(root / relative, error);
  const auto [end, ignored] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  if (end != root.end()) throw outside();  // a link leads out
  data.file = (folder / relative).string();
  data.size_bytes = size_bytes;
  if (length != size_bytes) {
    throw InputError(model_path, place_of(tensor), std::to_string(length) + " bytes of external data",
                     std::to_string(size_bytes) + ", as its shape says");
  }
  const std::uint64_t held = open_file(data.file)->size_bytes();
  if (data.offset > held || size_bytes > held - data.offset) {
    throw InputError(data.file, place_of(tensor), "ends after " + std::to_string(held) + " bytes",
                     std::to_string(size_bytes) + " bytes from " + std::to_string(data.offset) + " on");
  }
  return data;
}

}  // namespace nmperm
