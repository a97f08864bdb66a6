#include "io/npy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace nmperm {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// Reads the Python literal of the header. The grammar is that of what NumPy writes, not of Python.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& subject) : text_(text), subject_(subject) {}

  TensorInfo parse() {
    expect('{');
    while (!take('}')) {
      read_entry();
      if (take(',')) continue;
      expect('}');
      break;
    }
    skip_space();
    if (at_ != text_.size()) fail("has text after the dictionary", "nothing but spaces");
    if (!has_descr_) fail("has no 'descr'", "'descr', 'fortran_order' and 'shape'");
    if (!has_order_) fail("has no 'fortran_order'", "'descr', 'fortran_order' and 'shape'");
    if (!has_shape_) fail("has no 'shape'", "'descr', 'fortran_order' and 'shape'");
    return std::move(info_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem, const std::string& expected) const {
    throw InputError(subject_, "header", problem, expected);
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    skip_space();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail("is malformed at byte " + std::to_string(at_), std::string("'") + c + "'");
  }

  std::string_view read_string() {
    const char quote = take('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) fail("is malformed at byte " + std::to_string(at_), "a closing quote");
    const std::string_view value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return value;
  }

  void read_entry() {
    const std::string_view key = read_string();
    expect(':');
    if (key == "descr" && !std::exchange(has_descr_, true)) {
      read_descr();
    } else if (key == "fortran_order" && !std::exchange(has_order_, true)) {
      info_.fortran_order = take_word("True");
      if (!info_.fortran_order && !take_word("False")) fail("'fortran_order' is malformed", "True or False");
    } else if (key == "shape" && !std::exchange(has_shape_, true)) {
      read_shape();
    } else {
      fail("has an unknown or repeated key '" + std::string(key) + "'",
           "'descr', 'fortran_order' and 'shape'");
    }
  }

  void read_descr() {
    const std::string accepted = "f2, f4 or f8 (float16, float32, float64)";
    if (take('[')) fail("structured type", accepted);
    const std::string_view descr = read_string();
    const std::string_view kind = descr.substr(std::min<std::size_t>(1, descr.size()));
    const bool ordered = descr.starts_with('<') || descr.starts_with('>');
    if (ordered && kind == "f2") {
      info_.dtype = DType::kF16;
    } else if (ordered && kind == "f4") {
      info_.dtype = DType::kF32;
    } else if (ordered && kind == "f8") {
      info_.dtype = DType::kF64;
    } else {
      fail("unsupported type '" + std::string(descr) + "'", accepted);
    }
    info_.big_endian = descr.front() == '>';
  }

  void read_shape() {
    constexpr std::size_t kMaxDimensions = 64;  // NumPy's own limit
    expect('(');
    while (!take(')')) {
      if (info_.shape.size() == kMaxDimensions) fail("'shape' is too long", "at most 64 dimensions");
      skip_space();
      std::uint64_t dimension = 0;
      const char* const end = text_.data() + text_.size();
      const auto [rest, error] = std::from_chars(text_.data() + at_, end, dimension);
      if (error != std::errc()) fail("'shape' is malformed", "a tuple of whole numbers below 2^64");
      at_ = static_cast<std::size_t>(rest - text_.data());
      info_.shape.push_back(dimension);
      if (take(',')) continue;
      // Python reads "(3)" as a number, not as a tuple.
      if (info_.shape.size() == 1) fail("'shape' is malformed", "a tuple");
      expect(')');
      break;
    }
  }

  std::string_view text_;
  const std::string& subject_;
  std::size_t at_ = 0;
  TensorInfo info_;
  bool has_descr_ = false, has_order_ = false, has_shape_ = false;
};

/// Reads magic, version and header length; returns the length.
std::size_t read_preamble(ByteStream& stream) {
  std::array<std::byte, 8> start{};
  if (stream.remaining_bytes() < start.size()) {
    throw InputError(stream.name(), {}, "is too short for a .npy file", "the magic bytes \\x93NUMPY");
  }
  stream.read(start);
  if (std::memcmp(start.data(), kMagic.data(), kMagic.size()) != 0) {
    throw InputError(stream.name(), {}, "is no .npy file", "the magic bytes \\x93NUMPY");
  }
  const int major = std::to_integer<int>(start[6]), minor = std::to_integer<int>(start[7]);
  if (major < 1 || major > 3 || minor != 0) {
    throw InputError(stream.name(), {},
                     "format version " + std::to_string(major) + "." + std::to_string(minor),
                     "1.0, 2.0 or 3.0");
  }
  std::array<std::byte, 4> length_bytes{};
  stream.read(std::span(length_bytes).first(major == 1 ? 2 : 4));
  std::uint32_t length = 0;
  std::memcpy(&length, length_bytes.data(), sizeof(length));
  if (length > kMaxNpyHeaderBytes) {
    throw InputError(stream.name(), {}, "header of " + std::to_string(length) + " bytes",
                     "at most " + std::to_string(kMaxNpyHeaderBytes));
  }
  return length;
}

}  // namespace

TensorInfo parse_npy_header(std::string_view header, const std::string& subject) {
  return HeaderParser(header, subject).parse();
}

StoredTensor read_npy(std::unique_ptr<ByteStream> stream) {
  std::string header(read_preamble(*stream), '\0');
  stream->read(std::as_writable_bytes(std::span(header)));
  StoredTensor tensor{parse_npy_header(header, stream->name()), std::move(stream)};
  require_size(tensor.info, tensor.data->remaining_bytes(), tensor.data->name());
  return tensor;
}

StoredTensor read_npy(std::shared_ptr<const ByteSource> source) {
  const std::string name = source->name();
  const std::uint64_t size_bytes = source->size_bytes();
  return read_npy(stream_of(std::move(source), name, 0, size_bytes));
}

std::string npy_float32_preamble(std::span<const std::uint64_t> shape) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::uint64_t dimension : shape) header += std::to_string(dimension) + ", ";
  header += "), }";
  constexpr std::size_t kAlignment = 64, kStart = kMagic.size() + 4;
  const std::size_t total = (kStart + header.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  header.resize(total - kStart - 1, ' ');
  header += '\n';
  std::string preamble(kMagic);
  preamble += '\x01';
  preamble += '\x00';
  preamble += static_cast<char>(header.size() & 0xff);
  preamble += static_cast<char>(header.size() >> 8);
  return preamble + header;
}

}  // namespace nmperm
