#include "io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "io/json.h"
#include "io/name_list.h"

namespace nmperm {
namespace {

/// Bits of an element of each type of the format.
const std::map<std::string, std::uint64_t>& element_bits() {
  static const std::map<std::string, std::uint64_t> bits = {
      {"BOOL", 8},    {"U8", 8},      {"I8", 8},      {"F8_E5M2", 8}, {"F8_E4M3", 8},
      {"F8_E8M0", 8}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4},      {"I16", 16},
      {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},    {"U32", 32},
      {"F32", 32},    {"I64", 64},    {"U64", 64},    {"F64", 64},    {"C64", 64}};
  return bits;
}

std::string read_header(const ByteSource& source) {
  std::array<std::byte, 8> length_bytes{};
  if (source.size_bytes() < length_bytes.size()) {
    throw InputError(source.name(), {}, "is too short for a .safetensors file", "8 bytes of header length");
  }
  source.read(0, length_bytes);
  const auto length = std::bit_cast<std::uint64_t>(length_bytes);
  const std::uint64_t available = source.size_bytes() - length_bytes.size();
  if (length > std::min(available, kMaxSafetensorsHeaderBytes)) {
    throw InputError(source.name(), {}, "claims a header of " + std::to_string(length) + " bytes",
                     "at most " + std::to_string(std::min(available, kMaxSafetensorsHeaderBytes)));
  }
  std::string header(static_cast<std::size_t>(length), '\0');
  source.read(length_bytes.size(), std::as_writable_bytes(std::span(header)));
  return header;
}

SafetensorsEntry read_entry(const std::string& name, const JsonValue& value) {
  SafetensorsEntry entry;
  entry.name = name;
  entry.dtype = value.at("dtype").text();
  const JsonValue shape = value.at("shape"), offsets = value.at("data_offsets");
  for (std::size_t i = 0; i < shape.array_size(); ++i) {
    entry.shape.push_back(shape.at(i).unsigned_integer());
  }
  if (offsets.array_size() != 2) {
    offsets.fail("has " + std::to_string(offsets.array_size()) + " elements", "[begin, end]");
  }
  entry.begin = offsets.at(0).unsigned_integer();
  entry.end = offsets.at(1).unsigned_integer();
  return entry;
}

/// Bits of all elements; nullopt beyond 64 bits.
std::optional<std::uint64_t> size_bits(const SafetensorsEntry& entry, std::uint64_t bits) {
  if (std::find(entry.shape.begin(), entry.shape.end(), 0u) != entry.shape.end()) return 0;
  for (const std::uint64_t dimension : entry.shape) {
    if (dimension > std::numeric_limits<std::uint64_t>::max() / bits) return std::nullopt;
    bits *= dimension;
  }
  return bits;
}

void require_length(const SafetensorsEntry& entry, const std::string& subject) {
  const auto type = element_bits().find(entry.dtype);
  if (type == element_bits().end()) return;  // a newer type: only read() has to know it
  const auto bits = size_bits(entry, type->second);
  if (bits && *bits % 8 == 0 && *bits / 8 == entry.end - entry.begin) return;
  throw InputError(
      subject, entry.name, "holds " + std::to_string(entry.end - entry.begin) + " bytes",
      bits ? std::to_string(*bits / 8) + " bytes for " + entry.dtype + " of shape " + shape_text(entry.shape)
           : "a shape that fits into a file, not " + shape_text(entry.shape));
}

/// `entries` in the order of their bytes; they must fill `data_bytes` without overlap or gap.
void require_partition(const std::vector<SafetensorsEntry>& entries, std::uint64_t data_bytes,
                       const std::string& subject) {
  std::uint64_t expected_begin = 0;
  for (const SafetensorsEntry& entry : entries) {
    const std::string range = "bytes " + std::to_string(entry.begin) + ".." + std::to_string(entry.end);
    if (entry.end < entry.begin || entry.end > data_bytes) {
      throw InputError(subject, entry.name, range + " are not inside the file",
                       "offsets within the " + std::to_string(data_bytes) + " bytes after the header");
    }
    if (entry.begin != expected_begin) {
      throw InputError(subject, entry.name,
                       range + (entry.begin < expected_begin ? " overlap another tensor" : " leave a gap"),
                       "to begin at byte " + std::to_string(expected_begin));
    }
    require_length(entry, subject);
    expected_begin = entry.end;
  }
  if (expected_begin != data_bytes) {
    throw InputError(subject, {}, std::to_string(data_bytes) + " bytes follow the header",
                     std::to_string(expected_begin) + " bytes, which the tensors take");
  }
}

}  // namespace

Safetensors::Safetensors(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {
  const std::string header = read_header(*source_);
  data_begin_ = 8 + header.size();
  const nlohmann::json document = parse_json(header, source_->name());
  const JsonValue root(document, source_->name());
  for (const auto& member : root.object().items()) {
    if (member.key() == "__metadata__") {
      const JsonValue fields = root.at(member.key());
      for (const auto& field : fields.object().items()) {
        metadata_[field.key()] = fields.at(field.key()).text();
      }
      continue;
    }
    entries_.push_back(read_entry(member.key(), root.at(member.key())));
  }
  std::sort(entries_.begin(), entries_.end(), [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  require_partition(entries_, source_->size_bytes() - data_begin_, source_->name());
}

const SafetensorsEntry& Safetensors::entry(const std::string& name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const SafetensorsEntry& candidate) { return candidate.name == name; });
  if (found != entries_.end()) return *found;
  std::vector<std::string> names;
  for (const SafetensorsEntry& candidate : entries_) names.push_back(candidate.name);
  throw InputError(source_->name(), {}, "holds no tensor '" + name + "'", name_list(name, std::move(names)));
}

std::vector<std::byte> Safetensors::read_bytes(const std::string& name) const {
  const SafetensorsEntry& found = entry(name);
  std::vector<std::byte> bytes(static_cast<std::size_t>(found.end - found.begin));
  source_->read(data_begin_ + found.begin, bytes);
  return bytes;
}

std::unique_ptr<ByteStream> Safetensors::stream(const std::string& name) const {
  const SafetensorsEntry& found = entry(name);
  return stream_of(source_, source_->name() + ":" + name, data_begin_ + found.begin, found.end - found.begin);
}

std::vector<std::byte> Safetensors::preamble() const {
  std::vector<std::byte> bytes(static_cast<std::size_t>(data_begin_));
  source_->read(0, bytes);
  return bytes;
}

StoredTensor Safetensors::read(const std::string& name) const {
  const SafetensorsEntry& found = entry(name);
  static const std::map<std::string, DType> kTypes = {
      {"F16", DType::kF16}, {"BF16", DType::kBF16}, {"F32", DType::kF32}, {"F64", DType::kF64}};
  const std::string subject = source_->name() + ":" + name;
  const auto type = kTypes.find(found.dtype);
  if (type == kTypes.end()) {
    throw InputError(subject, {}, "unsupported type " + found.dtype, "F64, F32, F16 or BF16");
  }
  StoredTensor tensor;
  tensor.info.dtype = type->second;
  tensor.info.shape = found.shape;
  tensor.data = stream_of(source_, subject, data_begin_ + found.begin, found.end - found.begin);
  return tensor;
}

}  // namespace nmperm
