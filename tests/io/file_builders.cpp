#include "tests/io/file_builders.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <stdlib.h>
#include <zlib.h>

namespace nmperm::testing {
namespace {

std::string raw_deflate(const std::string& data) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::uint32_t crc_of(const std::string& data) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
}

}  // namespace

std::string big_endian(std::string bytes, std::size_t size) {
  for (auto at = bytes.begin(); at != bytes.end(); at += static_cast<std::ptrdiff_t>(size)) {
    std::reverse(at, at + static_cast<std::ptrdiff_t>(size));
  }
  return bytes;
}

std::string npy_with_header(const std::string& dictionary, const std::string& data, char major) {
  std::string header = dictionary;
  const std::size_t start = major == 1 ? 10 : 12;
  while ((start + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string file = "\x93NUMPY";
  file += major;
  file += '\0';
  file += major == 1 ? word(static_cast<std::uint16_t>(header.size()))
                     : word(static_cast<std::uint32_t>(header.size()));
  return file + header + data;
}

std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                bool fortran_order, char major) {
  return npy_with_header("{'descr': '" + descr + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                             ", 'shape': " + shape + ", }",
                         data, major);
}

std::string zip(const std::vector<ZipMember>& members) {
  std::string file, directory;
  for (const ZipMember& member : members) {
    const std::string body = member.deflated ? raw_deflate(member.data) : member.data;
    const auto method = member.method.value_or(static_cast<std::uint16_t>(member.deflated ? 8 : 0));
    const auto size = member.size.value_or(static_cast<std::uint32_t>(member.data.size()));
    const auto packed = static_cast<std::uint32_t>(body.size());
    std::string extra;
    if (member.zip64) {
      extra = word(std::uint16_t{1}) + word(std::uint16_t{16}) + word(std::uint64_t{size}) +
              word(std::uint64_t{packed});
    }
    std::string common = word(std::uint16_t{45}) + word(member.flags) + word(method) +
                         word(std::uint32_t{33}) + word(member.crc.value_or(crc_of(member.data)));
    common += member.zip64 ? std::string(8, '\xff') : word(packed) + word(size);
    common +=
        word(static_cast<std::uint16_t>(member.name.size())) + word(static_cast<std::uint16_t>(extra.size()));
    directory += "PK\x01\x02" + word(std::uint16_t{45}) + common + std::string(10, '\0') +
                 word(static_cast<std::uint32_t>(file.size())) + member.name + extra;
    file += "PK\x03\x04" + common + member.name + extra + body;
  }
  const auto count = static_cast<std::uint16_t>(members.size());
  const std::string end = "PK\x05\x06" + std::string(4, '\0') + word(count) + word(count) +
                          word(static_cast<std::uint32_t>(directory.size())) +
                          word(static_cast<std::uint32_t>(file.size())) + std::string(2, '\0');
  return file + directory + end;
}

std::string safetensors(const std::string& header, const std::string& data) {
  return word(std::uint64_t{header.size()}) + header + data;
}

std::shared_ptr<const ByteSource> source_of(const std::string& bytes) {
  return open_memory("memory", std::as_bytes(std::span(bytes)));
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "nmperm-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& bytes) const {
  std::ofstream(folder_ / name, std::ios::binary) << bytes;
  return path(name);
}

std::vector<std::string> TemporaryFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

}  // namespace nmperm::testing
