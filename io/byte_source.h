// Where stored bytes come from: a file or a buffer in memory, read at any offset or as a stream. Files are
// read in blocks, never mapped, because mapped pages count as resident memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace nmperm {

/// Bytes of known number that can be read at any offset.
class ByteSource {
 public:
  ByteSource(std::string name, std::uint64_t size_bytes) : name_(std::move(name)), size_bytes_(size_bytes) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// The subject of errors: the file's path.
  const std::string& name() const { return name_; }
  std::uint64_t size_bytes() const { return size_bytes_; }
  /// Fills `out` from `offset` on. Throws InputError when the source ends before, or cannot be read.
  void read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  virtual void do_read(std::uint64_t offset, std::span<std::byte> out) const = 0;

  std::string name_;
  std::uint64_t size_bytes_;
};

/// Throws InputError unless `path` is a regular file that can be opened.
std::shared_ptr<const ByteSource> open_file(const std::string& path);

/// A view of bytes that the caller keeps alive.
std::shared_ptr<const ByteSource> open_memory(std::string name, std::span<const std::byte> bytes);

/// Bytes of known number that come one after another.
class ByteStream {
 public:
  ByteStream(std::string name, std::uint64_t size_bytes)
      : name_(std::move(name)), remaining_bytes_(size_bytes) {}
  virtual ~ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// The subject of errors: the file's path, with the name of the part of it that this is.
  const std::string& name() const { return name_; }
  std::uint64_t remaining_bytes() const { return remaining_bytes_; }
  /// Fills `out` with the next bytes. Throws InputError when fewer remain, or they cannot be read.
  void read(std::span<std::byte> out);
  /// To be called after the last byte: throws InputError when a checksum over the stream does not hold.
  virtual void finish() {}

 private:
  virtual void do_read(std::span<std::byte> out) = 0;

  std::string name_;
  std::uint64_t remaining_bytes_;
};

/// The bytes [offset, offset + size_bytes) of a source, which contains them.
std::unique_ptr<ByteStream> stream_of(std::shared_ptr<const ByteSource> source, std::string name,
                                      std::uint64_t offset, std::uint64_t size_bytes);

}  // namespace nmperm
