#include "io/byte_source.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace nmperm {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(const std::string& path, int descriptor, std::uint64_t size_bytes)
      : ByteSource(path, size_bytes), descriptor_(descriptor) {}
  ~FileSource() override { ::close(descriptor_); }

 private:
  void do_read(std::uint64_t offset, std::span<std::byte> out) const override {
    while (!out.empty()) {
      const ssize_t count = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw InputError(name(), {}, std::string("cannot be read: ") + std::strerror(errno));
      if (count == 0) throw InputError(name(), {}, "the file became shorter while it was read");
      offset += static_cast<std::uint64_t>(count);
      out = out.subspan(static_cast<std::size_t>(count));
    }
  }

  int descriptor_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string name, std::span<const std::byte> bytes)
      : ByteSource(std::move(name), bytes.size()), bytes_(bytes) {}

 private:
  void do_read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }

  std::span<const std::byte> bytes_;
};

class SourceStream final : public ByteStream {
 public:
  SourceStream(std::shared_ptr<const ByteSource> source, std::string name, std::uint64_t offset,
               std::uint64_t size_bytes)
      : ByteStream(std::move(name), size_bytes), source_(std::move(source)), offset_(offset) {}

 private:
  void do_read(std::span<std::byte> out) override {
    source_->read(offset_, out);
    offset_ += out.size();
  }

  std::shared_ptr<const ByteSource> source_;
  std::uint64_t offset_;
};

InputError ends_early(const std::string& name, std::uint64_t available, std::size_t wanted) {
  return {name,
          {},
          "ends where " + std::to_string(wanted) + " more bytes should follow",
          "a complete file; " + std::to_string(available) + " bytes are left"};
}

}  // namespace

void ByteSource::read(std::uint64_t offset, std::span<std::byte> out) const {
  const std::uint64_t available = offset <= size_bytes_ ? size_bytes_ - offset : 0;
  if (out.size() > available) throw ends_early(name_, available, out.size());
  do_read(offset, out);
}

void ByteStream::read(std::span<std::byte> out) {
  if (out.size() > remaining_bytes_) throw ends_early(name_, remaining_bytes_, out.size());
  do_read(out);
  remaining_bytes_ -= out.size();
}

std::shared_ptr<const ByteSource> open_file(const std::string& path) {
  // Without O_NONBLOCK, opening a pipe would wait for its writer before it could be refused.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    throw InputError(path, {}, std::string("cannot be opened: ") + std::strerror(errno), "a readable file");
  }
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    throw InputError(path, {}, "is not a regular file", "a readable file");
  }
  return std::make_shared<FileSource>(path, descriptor, static_cast<std::uint64_t>(status.st_size));
}

std::shared_ptr<const ByteSource> open_memory(std::string name, std::span<const std::byte> bytes) {
  return std::make_shared<MemorySource>(std::move(name), bytes);
}

std::unique_ptr<ByteStream> stream_of(std::shared_ptr<const ByteSource> source, std::string name,
                                      std::uint64_t offset, std::uint64_t size_bytes) {
  return std::make_unique<SourceStream>(std::move(source), std::move(name), offset, size_bytes);
}

}  // namespace nmperm
