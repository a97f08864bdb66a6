// Files of the raw formats, built byte by byte from their specifications: nothing here shares code with the
// readers under test.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.h"
#include "io/byte_source.h"

namespace nmperm::testing {

/// Little-endian bytes of numbers (of what the machine holds).
template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
template <typename T>
std::string word(T value) {
  return bytes_of(std::vector<T>{value});
}
/// The same with each number of `size` bytes turned round.
std::string big_endian(std::string bytes, std::size_t size);

/// A .npy file with exactly this dictionary, padded as NumPy pads it.
std::string npy_with_header(const std::string& dictionary, const std::string& data, char major = 1);
/// descr without quotes, such as "<f4"; shape as Python writes it, such as "(3, 4)".
std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                bool fortran_order = false, char major = 1);

/// A member of a ZIP archive; the fields below `deflated` make it lie.
struct ZipMember {
  std::string name;
  std::string data;
  bool deflated = false;
  bool zip64 = false;  ///< sizes in the ZIP64 extra field, as numpy.savez writes local headers
  std::optional<std::uint16_t> method = {};
  std::uint16_t flags = 0;
  std::optional<std::uint32_t> crc = {};
  std::optional<std::uint32_t> size = {};
};
std::string zip(const std::vector<ZipMember>& members);

/// A .safetensors file with this JSON header.
std::string safetensors(const std::string& header, const std::string& data);

/// A source over bytes that outlive it; its name is "memory".
std::shared_ptr<const ByteSource> source_of(const std::string& bytes);

/// A folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& bytes) const;
  /// Names in the folder.
  std::vector<std::string> names() const;

 private:
  std::filesystem::path folder_;
};

std::string contents(const std::string& path);

/// The message of the InputError that `call` throws; it is one line. Fails the test when there is none.
std::string refusal(const std::function<void()>& call);

}  // namespace nmperm::testing
