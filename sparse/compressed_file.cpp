#include "sparse/compressed_file.h"

#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/segments.h"
#include "io/atomic_file.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "sparse/torch_layout.h"

namespace nmperm {
namespace {

constexpr const char* kFormat = "nmperm-compressed";
constexpr const char* kVersion = "1";

/// A tensor of the file.
struct FileTensor {
  std::string name, dtype;
  std::vector<std::uint64_t> shape;
};

std::string dtype_of(ValueType type) {
  switch (type) {
    case ValueType::kF32:
      return "F32";
    case ValueType::kF16:
      return "F16";
    case ValueType::kBF16:
      return "BF16";
    case ValueType::kI8:
      break;
  }
  return "I8";
}

/// What the file of a weight of this type, shape and layout holds, in the order of its bytes.
std::vector<FileTensor> tensors_of(const StoredWeight& weight, IndexLayout layout,
                                   const std::string& subject = "torch layout") {
  const auto rows = static_cast<std::uint64_t>(weight.rows),
             columns = static_cast<std::uint64_t>(weight.columns);
  const std::uint64_t row_size = columns / static_cast<std::uint64_t>(weight.pattern.group) *
                                 static_cast<std::uint64_t>(weight.pattern.keep);
  std::vector<FileTensor> tensors;
  if (weight.type == ValueType::kI8) tensors.push_back({"scales", "F32", {rows}});
  tensors.push_back({"values", dtype_of(weight.type), {rows, row_size}});
  if (layout == IndexLayout::kPlain) {
    const auto bits = static_cast<std::uint64_t>(index_bits(weight.pattern));
    tensors.push_back({"indices", "U8", {(rows * row_size * bits + 7) / 8}});
  } else {
    const TorchLayout torch = torch_layout(weight.type, weight.pattern, weight.rows, weight.columns, subject);
    tensors.push_back({"metadata",
                       torch.word_bytes == 2 ? "I16" : "I32",
                       {rows, columns / static_cast<std::uint64_t>(torch.word_columns())}});
  }
  return tensors;
}

std::string permutation_text(const Permutation& permutation) {
  return nlohmann::json(permutation).dump();
}

std::string header_of(const CompressedFile& file, const std::map<std::string, std::size_t>& sizes) {
  nlohmann::ordered_json header;
  header["__metadata__"] = {{"format", kFormat},
                            {"version", kVersion},
                            {"layout", to_string(file.layout)},
                            {"rows", std::to_string(file.weight.rows)},
                            {"columns", std::to_string(file.weight.columns)},
                            {"pattern", file.weight.pattern.str()},
                            {"instance", file.instance_name},
                            {"sha256", file.sha256},
                            {"permutation", permutation_text(file.permutation)}};
  std::size_t begin = 0;
  for (const FileTensor& tensor : tensors_of(file.weight, file.layout)) {
    const std::size_t end = begin + sizes.at(tensor.name);
    header[tensor.name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  // Names may be no UTF-8. Tensors begin at a multiple of 8 bytes.
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The strings of `__metadata__`.
class Fields {
 public:
  Fields(const std::map<std::string, std::string>& fields, std::string subject)
      : fields_(fields), subject_(std::move(subject)) {}

  const std::string& text(const std::string& name) const {
    const auto field = fields_.find(name);
    if (field == fields_.end()) throw InputError(subject_, place(name), "is missing");
    return field->second;
  }
  void require(const std::string& name, const std::string& expected) const {
    if (text(name) != expected) throw InputError(subject_, place(name), "is '" + text(name) + "'", expected);
  }
  int positive(const std::string& name) const {
    const std::string& digits = text(name);
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc() && end == digits.data() + digits.size() && value > 0) return value;
    throw InputError(subject_, place(name), "is '" + digits + "'",
                     "a whole number 1.." + std::to_string(std::numeric_limits<int>::max()));
  }
  Permutation permutation(int columns) const {
    const nlohmann::json document = parse_json(text("permutation"), subject_);
    const JsonValue list(document, subject_);
    if (list.array_size() != static_cast<std::size_t>(columns)) {
      throw InputError(subject_, place("permutation"),
                       "has " + std::to_string(list.array_size()) + " entries",
                       std::to_string(columns) + ", one for each column");
    }
    Permutation permutation;
    for (std::size_t i = 0; i < list.array_size(); ++i) {
      permutation.push_back(static_cast<int>(list.at(i).integer(0, columns - 1)));
    }
    validate_permutation(permutation, Segments(columns), subject_);
    return permutation;
  }

 private:
  static std::string place(const std::string& name) { return "__metadata__." + name; }

  const std::map<std::string, std::string>& fields_;
  std::string subject_;
};

ValueType type_of(const Safetensors& tensors, const std::string& subject) {
  for (const SafetensorsEntry& entry : tensors.entries()) {
    if (entry.name != "values") continue;
    for (const ValueType type : {ValueType::kF32, ValueType::kF16, ValueType::kBF16, ValueType::kI8}) {
      if (entry.dtype == dtype_of(type)) return type;
    }
    throw InputError(subject, "values", "have the type " + entry.dtype, "F32, F16, BF16 or I8");
  }
  throw InputError(subject, {}, "holds no tensor 'values'");
}

/// Throws unless the file's tensors are exactly those, in this order.
void require_tensors(const Safetensors& tensors, const std::vector<FileTensor>& expected,
                     const std::string& subject) {
  const auto describe = [](const std::string& name, const std::string& dtype,
                           const std::vector<std::uint64_t>& shape) {
    return name + " " + dtype + " " + shape_text(shape);
  };
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const std::string wanted = describe(expected[k].name, expected[k].dtype, expected[k].shape);
    const std::string place = "tensor " + std::to_string(k);
    if (k >= tensors.entries().size()) throw InputError(subject, place, "is missing", wanted);
    const SafetensorsEntry& entry = tensors.entries()[k];
    const std::string found = describe(entry.name, entry.dtype, entry.shape);
    if (found != wanted) throw InputError(subject, place, "is " + found, wanted);
  }
  if (tensors.entries().size() != expected.size()) {
    throw InputError(subject, {}, std::to_string(tensors.entries().size()) + " tensors",
                     std::to_string(expected.size()));
  }
}

}  // namespace

IndexLayout parse_index_layout(std::string_view text) {
  if (text == "plain") return IndexLayout::kPlain;
  if (text == "torch") return IndexLayout::kTorch;
  throw InputError("layout", std::string(text), "is not an order of indices", "plain or torch");
}

std::string to_string(IndexLayout layout) {
  return layout == IndexLayout::kPlain ? "plain" : "torch";
}

std::string to_safetensors(const CompressedFile& file) {
  const std::vector<std::byte> indices =
      file.layout == IndexLayout::kPlain ? file.weight.indices : torch_metadata(file.weight);
  const auto scales = std::as_bytes(std::span(file.weight.scales));
  const std::string header = header_of(file, {{"scales", scales.size()},
                                              {"values", file.weight.values.size()},
                                              {"indices", indices.size()},
                                              {"metadata", indices.size()}});
  std::array<char, 8> length{};
  const std::uint64_t header_size = header.size();
  std::memcpy(length.data(), &header_size, length.size());
  std::string bytes(length.data(), length.size());
  bytes.append(header).append(text_of(scales)).append(text_of(file.weight.values)).append(text_of(indices));
  return bytes;
}

void write_compressed(const std::string& path, const CompressedFile& file) {
  write_file(path, to_safetensors(file));
}

CompressedFile read_compressed(std::shared_ptr<const ByteSource> source) {
  const std::string subject = source->name();
  const Safetensors tensors(std::move(source));
  const Fields fields(tensors.metadata(), subject);
  fields.require("format", kFormat);
  fields.require("version", kVersion);
  CompressedFile file;
  file.layout = parse_index_layout(fields.text("layout"));
  file.instance_name = fields.text("instance");
  file.sha256 = fields.text("sha256");
  file.weight.rows = fields.positive("rows");
  file.weight.columns = fields.positive("columns");
  file.weight.pattern = Pattern::parse(fields.text("pattern"));
  if (file.weight.columns % file.weight.pattern.group != 0) {
    throw InputError(subject, "__metadata__.columns", "is " + std::to_string(file.weight.columns),
                     "a multiple of " + std::to_string(file.weight.pattern.group));
  }
  file.weight.type = type_of(tensors, subject);
  require_tensors(tensors, tensors_of(file.weight, file.layout, subject), subject);
  file.permutation = fields.permutation(file.weight.columns);

  file.weight.values = tensors.read_bytes("values");
  if (file.weight.type == ValueType::kI8) {
    const std::vector<std::byte> scales = tensors.read_bytes("scales");
    file.weight.scales.resize(static_cast<std::size_t>(file.weight.rows));
    std::memcpy(file.weight.scales.data(), scales.data(), scales.size());
  }
  if (file.layout == IndexLayout::kPlain) {
    file.weight.indices = tensors.read_bytes("indices");
  } else {
    const TorchLayout layout =
        torch_layout(file.weight.type, file.weight.pattern, file.weight.rows, file.weight.columns, subject);
    file.weight.indices = indices_of_torch_metadata(layout, file.weight.rows, file.weight.columns,
                                                    tensors.read_bytes("metadata"));
  }
  restore(file.weight, subject);
  return file;
}

}  // namespace nmperm
